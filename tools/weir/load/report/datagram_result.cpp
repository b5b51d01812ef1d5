#include "tools/weir/load/report/datagram_result.h"

#include <algorithm>

namespace weir::tools::load {

void DatagramResult::merge(const DatagramResult& part) {
  counts += part.counts;
  damaged += part.damaged;
  foreign += part.foreign;
  under_way += part.under_way;
  sending = std::max(sending, part.sending);
  const bool is_smaller =
      part.receive_buffer &&
      (!receive_buffer || part.receive_buffer->granted_bytes < receive_buffer->granted_bytes);
  if (is_smaller) receive_buffer = part.receive_buffer;
  sockets += part.sockets;
  socket_drops += part.socket_drops;
}

LossParts find_loss_parts(const DatagramResult& result) noexcept {
  const UdpStats& ours = result.sockets;
  LossParts parts{.lost = result.counts.lost,
                  .our_queue = ours.dropped_newest + ours.dropped_oldest + ours.dropped_no_memory,
                  .our_socket = std::max(ours.dropped_by_kernel, result.socket_drops),
                  .peer_socket = result.peer_drops,
                  .late = result.counts.late,
                  .damaged = result.damaged};
  const std::uint64_t known = parts.our_queue + parts.our_socket + parts.peer_socket.value_or(0) +
                              parts.late + parts.damaged;
  parts.elsewhere = parts.lost - std::min(parts.lost, known);
  return parts;
}

}  // namespace weir::tools::load
