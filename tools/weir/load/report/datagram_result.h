// What a run with datagrams found out beyond what a run with streams does: what became of every
// datagram, and who lost those that were lost.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "tools/weir/load/kernel/udp_host_counters.h"
#include "tools/weir/load/stats/histogram.h"
#include "weir/net/udp_socket.h"
#include "weir/protocols/datagram_sequence.h"

namespace weir::tools::load {

struct DatagramResult {
  protocols::DatagramCounts counts;    ///< of the right echoes of all sockets
  std::uint64_t damaged = 0;           ///< came back, but not as it was sent; lost as well
  std::uint64_t foreign = 0;           ///< came, but was none of ours
  std::uint64_t under_way = 0;         ///< not decided when the run was interrupted
  std::chrono::nanoseconds sending{};  ///< from the first to the last one sent

  /// Of ours, the smallest that the kernel granted; none if it did not tell.
  std::optional<BufferGrant> receive_buffer{};
  UdpStats sockets;                ///< ours, added up
  std::uint64_t socket_drops = 0;  ///< at ours, because a buffer was full, seen by the last moment
  std::optional<std::uint64_t> peer_drops{};  ///< the same at the server's, if it is on this host
  std::optional<UdpHostCounters> host_before{};
  std::optional<UdpHostCounters> host_after{};

  /// Of a part of the run; what is about the host or the peer stays.
  void merge(const DatagramResult& part);
};

/// Who lost how many: what was counted somewhere, and the rest. A counter may cover more than the
/// run's lost datagrams (copies, other senders), so the parts may sum up to more than `lost`.
struct LossParts {
  std::uint64_t lost = 0;
  std::uint64_t our_queue = 0;                 ///< read from the socket, dropped by weir
  std::uint64_t our_socket = 0;                ///< our socket buffer was full
  std::optional<std::uint64_t> peer_socket{};  ///< the server's socket buffer was full
  std::uint64_t late = 0;                      ///< came after it was given up
  std::uint64_t damaged = 0;
  std::uint64_t elsewhere = 0;  ///< nobody here counted it: the network, or the server
};

[[nodiscard]] LossParts find_loss_parts(const DatagramResult& result) noexcept;

}  // namespace weir::tools::load
