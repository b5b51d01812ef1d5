#include "tools/weir/load/report/datagram_result.h"

#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

TEST(DatagramResult, LeavesTheRestToTheNetworkOrTheServer) {
  DatagramResult result;
  result.counts.lost = 100;
  result.counts.late = 3;
  result.damaged = 4;
  result.peer_drops = 50;
  result.socket_drops = 10;
  result.sockets.dropped_by_kernel = 8;
  result.sockets.dropped_newest = 5;
  result.sockets.dropped_oldest = 6;
  result.sockets.dropped_no_memory = 7;

  const LossParts parts = find_loss_parts(result);

  EXPECT_EQ(parts.lost, 100U);
  EXPECT_EQ(parts.our_queue, 18U);
  EXPECT_EQ(parts.our_socket, 10U);
  EXPECT_EQ(parts.peer_socket, 50U);
  EXPECT_EQ(parts.late, 3U);
  EXPECT_EQ(parts.damaged, 4U);
  EXPECT_EQ(parts.elsewhere, 15U);
}

TEST(DatagramResult, CountersMayCoverMoreThanWasLost) {
  DatagramResult result;
  result.counts.lost = 10;
  result.socket_drops = 25;

  EXPECT_EQ(find_loss_parts(result).elsewhere, 0U);
  EXPECT_FALSE(find_loss_parts(result).peer_socket);
}

TEST(DatagramResult, AddsUpParts) {
  DatagramResult sum;
  sum.peer_drops = 1;
  DatagramResult part;
  part.counts.unique = 5;
  part.counts.loss_burst_max = 3;
  part.damaged = 2;
  part.foreign = 1;
  part.socket_drops = 4;
  part.sending = std::chrono::seconds(2);
  part.sockets.datagrams_sent = 7;

  sum.merge(part);
  sum.merge(part);

  EXPECT_EQ(sum.counts.unique, 10U);
  EXPECT_EQ(sum.counts.loss_burst_max, 3U);
  EXPECT_EQ(sum.damaged, 4U);
  EXPECT_EQ(sum.foreign, 2U);
  EXPECT_EQ(sum.socket_drops, 8U);
  EXPECT_EQ(sum.sending, std::chrono::seconds(2));
  EXPECT_EQ(sum.sockets.datagrams_sent, 14U);
  EXPECT_EQ(sum.peer_drops, 1U);
}

}  // namespace
}  // namespace weir::tools::load
