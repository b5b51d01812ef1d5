// TcpStream: a stream over TCP, and the socket options that have a name.
#pragma once

#include <chrono>
#include <cstdint>

#include "weir/base/result.h"
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
  ///
  /// Off, Nagle's algorithm holds a small write back until the one before it is acknowledged, and a
  /// peer that has half a request delays that by 40 ms or more. From then on the stream is watched
  /// for it: two or more writes smaller than a segment that left in calls of the kernel of their
  /// own, then an answer that a reader waited 30 to 500 ms for, and of that 30 ms or more because
  /// the kernel held the last write back (it is asked when it last sent: TCP_INFO). Such a stream
  /// counts once in `ShardStats::nagle_stalls`, and the first of a run is a line for
  /// `RuntimeOptions::log`.
  ///
  /// Not counted: a peer that is merely slow, writes that one turn gathered, a stream that is
  /// corked, and one that ever had to retransmit. A path whose round trip is longer than 30 ms
  /// counts without a delayed acknowledgement: the wait is Nagle's all the same. Not seen: what
  /// setsockopt(2) does to `native_handle()`. Mistaken for it, on io_uring: a shard that was busy
  /// for so long itself between queueing the last write and its next poll.
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
};

}  // namespace weir
