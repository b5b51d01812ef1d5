// How a UDP socket is made. Everything has a default that suits a server on a trusted network; what
// costs on each datagram is off unless asked for.
#pragma once

#include <cstddef>
#include <cstdint>

#include "weir/net/switch.h"

namespace weir {

/// What happens when datagrams arrive faster than they are read and `receive_bytes_max` is reached.
/// What the two that drop drop is datagrams, of trains too; the kernel drops trains whole.
enum class OverflowPolicy : std::uint8_t {
  pause,  ///< leave them in the socket's buffer; when that is full the kernel drops the newest
  drop_newest,  ///< read on and drop what comes: nothing old is waiting in the kernel
  drop_oldest   ///< drop the longest waiting: for state updates, of which only the last counts
};

/// What the kernel does with datagrams larger than a link on the way takes (ip(7),
/// IP_MTU_DISCOVER).
enum class PathMtuPolicy : std::uint8_t {
  system,    ///< as the system is set up
  fragment,  ///< IP_PMTUDISC_DONT: cut into fragments; never set DF
  discover,  ///< IP_PMTUDISC_DO: set DF; refuse (EMSGSIZE) what exceeds the path MTU known
  probe,     ///< IP_PMTUDISC_PROBE: set DF, ignore the path MTU known: for one's own discovery
  ignore     ///< IP_PMTUDISC_OMIT: as `fragment`, and do not believe ICMP's MTUs: against forgers
};

/// Trivially destructible: safe to write inside a `co_await` expression on GCC 12.
struct UdpOptions {
  /// Datagrams that wait to be read: their bytes, and `datagram_overhead_bytes` for each. A train
  /// that `receive_one` hands out counts whole until its last datagram is taken.
  std::size_t receive_bytes_max = std::size_t{1} << 20;
  OverflowPolicy overflow = OverflowPolicy::pause;
  /// What is longer is truncated, and says so. 65527 holds everything there is (IPv6 without
  /// jumbograms). 1 to 65527. Less than that goes without UDP_GRO: of a train that does not fit,
  /// whole datagrams would be lost.
  std::uint32_t payload_bytes_max = 65527;

  Switch receive_offload = Switch::on;  ///< UDP_GRO; also off with WEIR_UDP_GRO=off
  /// UDP_SEGMENT; also off with WEIR_UDP_GSO=off. To be off where the peer spreads by payload
  /// (Steering) and one socket sends it more than one id.
  Switch send_offload = Switch::on;

  Switch receive_traffic_class = Switch::off;  ///< ECN and the rest of TOS
  Switch receive_hop_limit = Switch::off;
  Switch receive_local = Switch::off;       ///< the address and interface each was sent to
  Switch receive_timestamps = Switch::off;  ///< the kernel's software time of arrival
  Switch send_timestamps = Switch::off;     ///< UdpSocket::next_send_timestamp
  Switch drop_counter = Switch::on;         ///< SO_RXQ_OVFL
  Switch errors = Switch::on;               ///< IP_RECVERR: UdpSocket::next_error

  Switch reuse_address = Switch::off;
  Switch reuse_port = Switch::off;  ///< several sockets on one port: one a shard
  Switch dual_stack = Switch::off;  ///< an IPv6 socket that takes IPv4 datagrams too
  Switch broadcast = Switch::off;
  PathMtuPolicy path_mtu = PathMtuPolicy::system;
  std::uint32_t receive_buffer_bytes =
      0;  ///< 0: the system's; UdpSocket::receive_buffer tells what was granted
  std::uint32_t send_buffer_bytes = 0;
};

/// What a datagram that waits to be read counts for beside its bytes.
inline constexpr std::size_t datagram_overhead_bytes = 128;

}  // namespace weir
