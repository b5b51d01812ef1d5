// A client's socket of which the kernel tells when a request left and when an answer came, by its
// software timestamps (SO_TIMESTAMPING, Documentation/networking/timestamping.rst):
//
//     send()      queue      driver          network          driver     queue    receive()
//       |-----------|----------|----------------|---------------|----------|--------|
//                        transmit stamp                   receive stamp
//                        on the error queue               with the bytes
//
// The stamp of a request is that of its last byte: each stamp carries the number of the byte (of
// the datagram) it belongs to, SOF_TIMESTAMPING_OPT_ID, Linux 3.17; no payload comes back with it,
// OPT_TSONLY, Linux 4.0. While such a socket is open the kernel stamps every packet it receives.
//
// No waiting and no loop: who polls for readiness is the caller.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "tools/weir/load/cli/target.h"
#include "weir/base/result.h"
#include "weir/net/address.h"

namespace weir::tools::load {

/// Since the epoch, by the kernel's wall clock: only differences over moments mean something.
using KernelTime = std::chrono::nanoseconds;

struct StampedBytes {
  std::size_t bytes = 0;  ///< 0 from a stream: its end
  std::optional<KernelTime> stamp{};
};

/// Move-only; closes its descriptor.
class StampedSocket {
 public:
  /// Begins to connect, without blocking. Errors are the system's.
  [[nodiscard]] static Result<StampedSocket> open(const Address& peer, Transport transport);

  StampedSocket(StampedSocket&& other) noexcept;
  StampedSocket& operator=(StampedSocket&& other) noexcept;
  ~StampedSocket();

  [[nodiscard]] int fd() const noexcept { return fd_; }

  /// Why connecting failed. Once the descriptor is writable.
  [[nodiscard]] Result<void> connected() const;
  /// From now on there are stamps: a kernel counts the bytes of a stream only once it is connected.
  [[nodiscard]] Result<void> enable_stamps() const;

  /// Sends as much as there is room for; 0: none now. A datagram goes whole.
  [[nodiscard]] Result<std::size_t> send(std::span<const std::byte> bytes);

  /// When the last byte of what was sent left; `nullopt` while the kernel has not said so. Empties
  /// the error queue.
  [[nodiscard]] std::optional<KernelTime> transmit_stamp();

  /// What came; `nullopt`: nothing now. The stamp is that of the last packet of it.
  [[nodiscard]] Result<std::optional<StampedBytes>> receive(std::span<std::byte> into) const;

 private:
  StampedSocket(int fd, Transport transport) noexcept : fd_(fd), transport_(transport) {}

  int fd_;
  Transport transport_;
  std::uint32_t sent_count_ = 0;  // bytes, or datagrams: what stamps are numbered by; may wrap
};

}  // namespace weir::tools::load
