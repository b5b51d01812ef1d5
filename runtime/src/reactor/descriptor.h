// One file descriptor as a backend sees it: embedded in the socket that owns it, immovable while
// open.
#pragma once

#include <cstdint>

#include "weir/base/assert.h"

namespace weir::reactor {

class Operation;

/// Invariant: fd < 0 or the descriptor is open and owned here. Closed by a `CloseOperation`, or by
/// its owner with `Reactor::close_now` when nothing is in flight on it.
struct Descriptor {
  Descriptor() = default;
  explicit Descriptor(int open_fd) noexcept : fd(open_fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { WEIR_ASSERT(fd < 0 && !pending); }

  int fd = -1;

  /// A Unix socket, where a read may end early, at a descriptor that came along. Its owner says so:
  /// to ask the kernel is a system call a connection.
  bool may_carry_descriptors : 1 = true;

  // The epoll backend's; others leave it alone.
  bool registered : 1 = false;   ///< with epoll, edge-triggered
  bool readable : 1 = false;     ///< an edge came and the socket has not been drained since
  bool writable : 1 = false;     ///< no EAGAIN since the last edge
  bool hang_up : 1 = false;      ///< EPOLLRDHUP, EPOLLHUP or EPOLLERR was seen: read to the end
  bool pending : 1 = false;      ///< in the list of descriptors to serve without a new event
  Operation* reading = nullptr;  ///< the source or receive that waits for readability
  Operation* writing = nullptr;  ///< the send or connect that waits for writability
  Descriptor* pending_next = nullptr;
  Descriptor* pending_prev = nullptr;
};

}  // namespace weir::reactor
