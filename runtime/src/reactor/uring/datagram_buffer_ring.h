// Provided buffers for datagrams that come one at a time: a few, each with room for any datagram.
//
//     a buffer   | io_uring_recvmsg_out | peer | control messages | payload: up to 64 KiB ...... |
//                16                     32     320
//
// Multishot recvmsg puts a datagram into the first of them, whoever's it is; what is there is
// copied out and the buffer goes back at once. They are address space: a lone datagram of the usual
// size touches one page of each, and only what was larger has memory behind the rest, until `trim`.
//
// Invariant: a buffer is with the kernel, or its completion has been seen and it was not given
// back.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>

#include "reactor/datagram/arrived_datagram.h"
#include "reactor/uring/ring.h"

namespace weir::reactor {

class DatagramBufferRing {
 public:
  /// BufferRing has 0.
  static constexpr std::uint16_t group_id = 1;
  static constexpr std::size_t buffers_count = 16;

  /// `ring` outlives it.
  explicit DatagramBufferRing(Ring& ring) noexcept;
  DatagramBufferRing(const DatagramBufferRing&) = delete;
  DatagramBufferRing& operator=(const DatagramBufferRing&) = delete;
  /// Precondition: no receive is armed.
  ~DatagramBufferRing();

  /// Makes it, the first time. \returns false if the system refuses it, then and from now on
  [[nodiscard]] bool open() noexcept;

  /// Fills in a multishot recvmsg. Linux 6.0.
  void prepare(io_uring_sqe& entry, int fd) noexcept;

  /// What a completion with IORING_CQE_F_BUFFER has brought: valid until its buffer is given back.
  [[nodiscard]] ArrivedDatagram arrived(const Ring::Completion& completion) noexcept;
  [[nodiscard]] static std::uint16_t id_of(const Ring::Completion& completion) noexcept {
    return static_cast<std::uint16_t>(completion.flags >> IORING_CQE_BUFFER_SHIFT);
  }
  void give_back(std::uint16_t id) noexcept;

  /// A large datagram has left memory behind a buffer.
  [[nodiscard]] bool has_grown() const noexcept { return has_grown_; }
  /// Gives it back to the system. Precondition: all buffers have been given back.
  void trim() noexcept;

 private:
  [[nodiscard]] std::byte* buffer(std::uint16_t id) const noexcept;

  Ring& ring_;
  io_uring_buf* entries_ = nullptr;  // one page, shared with the kernel
  std::byte* memory_ = nullptr;
  msghdr shape_{};  // how much room there is for the peer and control messages
  std::uint16_t tail_ = 0;
  bool is_refused_ = false;
  bool has_grown_ = false;
};

}  // namespace weir::reactor
