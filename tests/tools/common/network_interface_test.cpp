#include "tools/weir/common/network_interface.h"

#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>

namespace weir::tools {
namespace {

TEST(NetworkInterface, LoopbackIsReadWithoutPrivileges) {
  const std::vector<NetworkInterface> interfaces = read_network_interfaces();
  const auto loopback = std::ranges::find(interfaces, "lo", &NetworkInterface::name);
  if (loopback == interfaces.end()) GTEST_SKIP() << "lo is not up here";
  unsigned mtu = 0;
  std::ifstream("/sys/class/net/lo/mtu") >> mtu;

  EXPECT_EQ(loopback->mtu, mtu);
  ASSERT_EQ(loopback->offloads.size(), 4U);
  for (const Offload& offload : loopback->offloads) {
    // Its driver has all of them; whoever runs this may have turned some off.
    EXPECT_NE(offload.state, OffloadState::unreadable) << offload.name;
  }
}

TEST(NetworkInterface, IsNamedOnceHoweverManyAddressesItHas) {
  const std::vector<NetworkInterface> interfaces = read_network_interfaces();

  for (const NetworkInterface& one : interfaces) {
    EXPECT_EQ(std::ranges::count(interfaces, one.name, &NetworkInterface::name), 1) << one.name;
  }
}

TEST(NetworkInterface, TextSaysWhatCannotBeRead) {
  EXPECT_EQ(network_interface_text({.name = "eth0",
                                    .mtu = 1500,
                                    .offloads = {{.name = "tso", .state = OffloadState::on},
                                                 {.name = "gso", .state = OffloadState::off},
                                                 {.name = "gro"}}}),
            "eth0: MTU 1500, tso on, gso off, gro cannot be read");
  EXPECT_EQ(network_interface_text({.name = "tun0"}), "tun0: MTU cannot be read");
}

}  // namespace
}  // namespace weir::tools
