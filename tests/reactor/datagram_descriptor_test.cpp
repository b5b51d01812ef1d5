#include <cstdint>

#include <gtest/gtest.h>

#include "reactor/datagram/datagram_operation.h"
#include "weir/net/address.h"

namespace weir::reactor {
namespace {

InternetAddress peer(std::uint16_t port) { return Address::loopback(port); }

TEST(DatagramDescriptor, ARefusalIsOfItsPeerAndSize) {
  DatagramDescriptor socket(-1);

  socket.refuse_segments(peer(1), 1400);
  socket.refuse_segments(peer(2), 0);

  EXPECT_TRUE(socket.may_segment(peer(1), 1399));
  EXPECT_FALSE(socket.may_segment(peer(1), 1400));
  EXPECT_FALSE(socket.may_segment(peer(2), 1));
  EXPECT_TRUE(socket.may_segment(peer(3), 1400));
}

TEST(DatagramDescriptor, NobodyIsAskedWhenMorePeersRefuseAllThanCanBeRemembered) {
  DatagramDescriptor socket(-1);
  std::uint16_t port = 1;
  for (; port < DatagramDescriptor::refusals_max; ++port) socket.refuse_segments(peer(port), 0);
  EXPECT_TRUE(socket.may_segment(peer(100), 1));

  socket.refuse_segments(peer(port), 0);

  EXPECT_FALSE(socket.may_segment(peer(100), 1));
}

TEST(DatagramDescriptor, ManySmallPathsSwitchNothingOff) {
  DatagramDescriptor socket(-1);
  for (std::uint16_t port = 1; port <= 20; ++port) socket.refuse_segments(peer(port), 1400);

  EXPECT_TRUE(socket.may_segment(peer(1), 1400));  // forgotten, and tried again
}

}  // namespace
}  // namespace weir::reactor
