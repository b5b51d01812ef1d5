// The asking end: a blocking socket and plain system calls, in a thread of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "weir/base/result.h"
#include "weir/net/address.h"

namespace weir::gates {

/// No call waits longer than `wait_max`: EAGAIN then.
class PeerSocket {
 public:
  [[nodiscard]] static Result<PeerSocket> connect_tcp(const Address& server);
  /// \param segment_bytes  what is sent is cut by the kernel into a train of such datagrams
  ///                       (UDP_SEGMENT, Linux 4.18); 0: each send is one datagram
  [[nodiscard]] static Result<PeerSocket> connect_udp(const Address& server,
                                                      std::uint32_t segment_bytes);

  PeerSocket(PeerSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  PeerSocket& operator=(PeerSocket&&) = delete;
  ~PeerSocket();

  /// All in one system call: EMSGSIZE if the kernel takes less.
  [[nodiscard]] Result<void> send(std::span<const std::byte> bytes) const noexcept;
  /// Fills `bytes`, in as many calls as it takes. ENOTCONN if the stream ends before.
  [[nodiscard]] Result<void> receive(std::span<std::byte> bytes) const noexcept;

 private:
  explicit PeerSocket(int fd) noexcept : fd_(fd) {}
  [[nodiscard]] static Result<PeerSocket> connect(const Address& server, int type);

  int fd_;
};

}  // namespace weir::gates
