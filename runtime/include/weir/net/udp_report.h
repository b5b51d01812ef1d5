// What a UDP socket says of itself: counts, errors that the network reported, times of leaving.
#pragma once

#include <chrono>
#include <cstdint>
#include <system_error>

#include "weir/net/internet_address.h"

namespace weir {

/// Counted since the socket was made.
struct UdpStats {
  std::uint64_t datagrams_received = 0;  ///< put into the queue; those dropped from it included
  std::uint64_t trains_received = 0;     ///< receives of several datagrams at once
  std::uint64_t bytes_received = 0;
  std::uint64_t datagrams_truncated = 0;
  /// Receives of which the kernel had more to say than there was room for, such as the local
  /// address: only options set through native_handle() make it so long.
  std::uint64_t control_truncated = 0;
  std::uint64_t receive_pauses = 0;  ///< times receiving stopped: the queue was full, or no memory

  /// The socket's buffer was full. The kernel counts a train (GRO) as one.
  std::uint64_t dropped_by_kernel = 0;
  std::uint64_t dropped_newest = 0;  ///< by the overflow policy
  std::uint64_t dropped_oldest = 0;  ///< by the overflow policy
  /// The shard's buffer budget was spent: receiving pauses then, but for what had arrived when the
  /// shard drains, and for large datagrams at the last slab.
  std::uint64_t dropped_no_memory = 0;
  /// Of a connected socket: somebody else had sent them before it was connected.
  std::uint64_t dropped_strangers = 0;

  std::uint64_t datagrams_sent = 0;  ///< taken by the kernel
  std::uint64_t trains_sent = 0;     ///< sends of several datagrams at once
  std::uint64_t bytes_sent = 0;
  std::uint64_t offload_fallbacks = 0;  ///< trains that the kernel refused, sent one by one instead
  std::uint64_t send_waits = 0;         ///< times a send waited for room in the socket's buffer

  std::uint64_t errors_received = 0;  ///< ICMP errors
  std::uint64_t errors_dropped = 0;   ///< of those: nobody took them, and others came
  std::uint64_t send_timestamps_dropped = 0;

  UdpStats& operator+=(const UdpStats& other) noexcept;
};

/// What the network said of a datagram of ours: ICMP, or the kernel itself (ip(7), IP_RECVERR).
struct DatagramError {
  enum class Kind : std::uint8_t {
    unreachable,  ///< no such port, host, network
    too_big,      ///< `mtu_bytes` is what the path takes
    other
  };
  Kind kind = Kind::other;
  InternetAddress peer;         ///< where the datagram was going to
  InternetAddress reporter;     ///< who said so: a router, or the peer; none if this machine did
  std::uint32_t mtu_bytes = 0;  ///< too_big only
  std::error_code error;        ///< ECONNREFUSED, EHOSTUNREACH, EMSGSIZE ...
};

/// When a datagram left (SO_TIMESTAMPING): `index` counts what was handed to the kernel, from 0, in
/// 32 bits: each entry, which is not joined with others then; a train is one for each 64 segments.
struct SendTimestamp {
  std::uint32_t index = 0;
  std::chrono::nanoseconds time{};  ///< since the epoch
};

}  // namespace weir
