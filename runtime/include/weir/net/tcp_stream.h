// TcpStream: a stream over TCP, and the socket options that have a name.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "weir/base/result.h"
#include "weir/core/timer_queue.h"
#include "weir/net/stream.h"
#include "weir/net/switch.h"

namespace weir {

/// Keep-alive probes of an idle connection (tcp(7): TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT).
struct Keepalive {
  std::chrono::seconds idle{60};
  std::chrono::seconds interval{10};
  int probes = 6;
};

/// New streams have TCP_NODELAY on: the out-queue's flush at the end of a turn does what Nagle's
/// algorithm is for, without its delay. Every setter is one setsockopt(2) and yields its error.
class TcpStream : public Stream {
 public:
  using Stream::Stream;

  /// TCP_NODELAY: send small segments at once. On unless switched off.
  Result<void> set_nodelay(Switch nodelay) noexcept;
  /// TCP_CORK: hold back partial segments until switched off (at most 200 ms).
  Result<void> set_cork(Switch cork) noexcept;
  /// TCP_QUICKACK: acknowledge at once. Not permanent: the kernel leaves the mode by itself.
  Result<void> set_quickack(Switch quickack) noexcept;
  /// TCP_NOTSENT_LOWAT: how much unsent data the kernel holds before it takes no more. Bytes.
  Result<void> set_notsent_lowat(std::uint32_t bytes) noexcept;
  /// SO_KEEPALIVE on, with these values.
  Result<void> set_keepalive(const Keepalive& keepalive) noexcept;
  Result<void> disable_keepalive() noexcept;
  /// TCP_USER_TIMEOUT: how long sent data may stay unacknowledged. 0: the system's default.
  Result<void> set_user_timeout(std::chrono::milliseconds timeout) noexcept;
  /// SO_SNDBUF and SO_RCVBUF. The kernel doubles the value and caps it (socket(7)); yields what it
  /// made.
  Result<std::size_t> set_send_buffer(std::size_t bytes) noexcept;
  Result<std::size_t> set_receive_buffer(std::size_t bytes) noexcept;
  /// How long closing waits for the out-queue to leave and for the peer's FIN. Default 2 s.
  void set_close_timeout(Duration timeout) noexcept;
};

}  // namespace weir
