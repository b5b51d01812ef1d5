// Groups, on the loopback interface as far as it can: nothing leaves the machine.
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/ipv6.h"
#include "tests/support/udp_fixture.h"

namespace weir {
namespace {

using testing::ElementsAre;

class UdpMulticastTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(UdpMulticastTest);

unsigned loopback_index() { return ::if_nametoindex("lo"); }

/// Where members of the group on `server`'s port hear it.
Address group_of(const UdpSocket& server, const char* host) {
  return Address::parse(std::string(host) + ":" + std::to_string(server.local_address()->port()))
      .value();
}

UdpSocket sender_at(const char* local) {
  UdpSocket sender = UdpSocket::bind(Address::parse(local).value()).value();
  sender.set_multicast_interface(loopback_index()).value();
  return sender;
}

TEST_P(UdpMulticastTest, AMemberHearsTheGroupUntilItLeaves) {
  run_net([]() -> Task<void> {
    UdpSocket server = UdpSocket::bind(Address::any(0), {.receive_hop_limit = Switch::on}).value();
    UdpSocket sender = sender_at("127.0.0.1:0");
    sender.set_multicast_hop_limit(7).value();
    const Address group = group_of(server, "239.7.8.9");
    const Address itself = Address::loopback(group.port());
    (co_await sender.send_to(group, "before")).value();

    server.join(group, loopback_index()).value();
    (co_await sender.send_to(group, "member")).value();
    const DatagramTrain heard = (co_await server.receive_one()).value();
    server.leave(group, loopback_index()).value();
    (co_await sender.send_to(group, "after")).value();
    (co_await sender.send_to(itself, "unicast")).value();
    const auto next = co_await test::receive_texts(&server, 1);

    EXPECT_EQ(test::text_of(heard.payload.bytes()), "member");
    EXPECT_EQ(heard.hop_limit, 7);
    EXPECT_THAT(next, ElementsAre("unicast"));
  });
}

/// One that speaks IPv6 and is not the loopback interface, on which the kernel takes no route to
/// IPv6 groups. 0: none.
unsigned ipv6_interface_index() {
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return 0;
  unsigned index = 0;
  for (const ifaddrs* at = all; at != nullptr && index == 0; at = at->ifa_next) {
    constexpr unsigned wanted = IFF_UP | IFF_MULTICAST;
    if (at->ifa_addr == nullptr || at->ifa_addr->sa_family != AF_INET6) continue;
    if ((at->ifa_flags & wanted) == wanted && (at->ifa_flags & IFF_LOOPBACK) == 0) {
      index = ::if_nametoindex(at->ifa_name);
    }
  }
  ::freeifaddrs(all);
  return index;
}

// A group of interface-local scope (ff11): it does not leave the machine.
TEST_P(UdpMulticastTest, AnIPv6MemberHearsTheGroupUntilItLeaves) {
  const unsigned index = ipv6_interface_index();
  if (index == 0) GTEST_SKIP() << "no interface but loopback speaks IPv6";
  run_net([&]() -> Task<void> {
    UdpSocket server =
        UdpSocket::bind(Address::any_ipv6(0), {.receive_hop_limit = Switch::on}).value();
    UdpSocket sender = UdpSocket::bind(Address::any_ipv6(0)).value();
    sender.set_multicast_interface(index).value();
    sender.set_multicast_hop_limit(7).value();
    const Address group = group_of(server, "[ff11::7:8]");
    (co_await sender.send_to(group, "before")).value();

    server.join(group, index).value();
    (co_await sender.send_to(group, "member")).value();
    const DatagramTrain heard = (co_await server.receive_one()).value();
    server.leave(group, index).value();
    (co_await sender.send_to(group, "after")).value();
    server.join(group, index).value();
    (co_await sender.send_to(group, "again")).value();
    const auto next = co_await test::receive_texts(&server, 1);

    EXPECT_EQ(test::text_of(heard.payload.bytes()), "member");
    EXPECT_EQ(heard.hop_limit, 7);
    EXPECT_THAT(next, ElementsAre("again"));
  });
}

TEST_P(UdpMulticastTest, AMemberOfOneSourceHearsNoOther) {
  run_net([]() -> Task<void> {
    UdpSocket server = UdpSocket::bind(Address::any(0)).value();
    UdpSocket wanted = sender_at("127.0.0.1:0");
    UdpSocket other = sender_at("127.0.0.2:0");
    const Address group = group_of(server, "232.7.8.9");
    const Address source = Address::loopback(0);
    server.join(group, loopback_index(), source).value();

    (co_await other.send_to(group, "other")).value();
    (co_await wanted.send_to(group, "wanted")).value();
    const auto heard = co_await test::receive_texts(&server, 1);
    server.leave(group, loopback_index(), source).value();
    (co_await wanted.send_to(group, "late")).value();
    (co_await wanted.send_to(Address::loopback(group.port()), "unicast")).value();
    const auto next = co_await test::receive_texts(&server, 1);

    EXPECT_THAT(heard, ElementsAre("wanted"));
    EXPECT_THAT(next, ElementsAre("unicast"));
  });
}

/// An address of the interface that is not of the link alone.
std::string ipv6_address_at(unsigned index) {
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return {};
  std::string text;
  for (const ifaddrs* at = all; at != nullptr && text.empty(); at = at->ifa_next) {
    if (at->ifa_addr == nullptr || at->ifa_addr->sa_family != AF_INET6) continue;
    const Address address = Address::from_sockaddr(at->ifa_addr, sizeof(sockaddr_in6)).value();
    if (::if_nametoindex(at->ifa_name) != index || address.host().starts_with("fe80")) continue;
    text = address.host();
  }
  ::freeifaddrs(all);
  return text;
}

// ff31: source-specific, interface-local.
TEST_P(UdpMulticastTest, AnIPv6MemberOfOneSourceHearsNoOther) {
  const unsigned index = ipv6_interface_index();
  const std::string host = ipv6_address_at(index);
  if (host.empty()) GTEST_SKIP() << "no interface but loopback has an IPv6 address to send from";
  run_net([&]() -> Task<void> {
    UdpSocket server = UdpSocket::bind(Address::any_ipv6(0)).value();
    const Address source = Address::parse("[" + host + "]:0").value();
    const Address other = Address::parse("[fd00:7:8::9]:0").value();
    UdpSocket sender = UdpSocket::bind(source).value();
    sender.set_multicast_interface(index).value();
    const Address group = group_of(server, "[ff31::7:8]");

    server.join(group, index, other).value();
    (co_await sender.send_to(group, "of another source")).value();
    server.join(group, index, source).value();
    (co_await sender.send_to(group, "wanted")).value();
    const auto heard = co_await test::receive_texts(&server, 1);
    server.leave(group, index, source).value();
    (co_await sender.send_to(group, "late")).value();
    server.join(group, index, source).value();
    (co_await sender.send_to(group, "again")).value();
    const auto next = co_await test::receive_texts(&server, 1);

    EXPECT_THAT(heard, ElementsAre("wanted"));
    EXPECT_THAT(next, ElementsAre("again"));
  });
}

TEST_P(UdpMulticastTest, GroupsThatOnlyOthersHaveJoinedAreNotHeard) {
  WEIR_NEEDS_IPV6();
  for (const Address& any : {Address::any(0), Address::any_ipv6(0)}) {
    run_net([&any]() -> Task<void> {
      UdpSocket stranger = UdpSocket::bind(any, {.dual_stack = Switch::on}).value();
      UdpSocket member = UdpSocket::bind(Address::any(0)).value();
      UdpSocket sender = sender_at("127.0.0.1:0");
      const Address group = group_of(stranger, "239.7.8.10");
      const Address itself = Address::loopback(group.port());
      member.join(group, loopback_index()).value();

      (co_await sender.send_to(group, "group")).value();
      (co_await sender.send_to(itself, "unicast")).value();
      const auto heard = co_await test::receive_texts(&stranger, 1);

      EXPECT_THAT(heard, ElementsAre("unicast"));
    });
  }
}

TEST_P(UdpMulticastTest, RefusesWhatIsNoMembership) {
  run_net([]() -> Task<void> {
    UdpSocket server = UdpSocket::bind(Address::any(0)).value();
    const Address group = Address::parse("239.7.8.9:0").value();
    server.join(group, loopback_index()).value();

    EXPECT_EQ(server.join(group, loopback_index()).error(), from_errno(EADDRINUSE));
    EXPECT_EQ(server.join(group, 999'999).error(), from_errno(ENODEV));
    EXPECT_EQ(server.join(Address::loopback(0), loopback_index()).error(), from_errno(EINVAL));
    EXPECT_EQ(server.join({}).error(), Error::address_invalid);
    EXPECT_EQ(server.join(group, loopback_index(), Address::loopback_ipv6(0)).error(),
              Error::address_invalid);
    EXPECT_TRUE(server.leave(group, loopback_index()).has_value());
    EXPECT_EQ(server.leave(group, loopback_index()).error(), from_errno(EADDRNOTAVAIL));
    co_return;
  });
}

// IPv4 groups go by the IPv4 options, also where an IPv6 socket sends to them.
TEST_P(UdpMulticastTest, ADualStackSocketSendsToIPv4GroupsAsItsOptionsSay) {
  WEIR_NEEDS_IPV6();
  run_net([]() -> Task<void> {
    UdpSocket server = UdpSocket::bind(Address::any(0), {.receive_hop_limit = Switch::on}).value();
    server.join(group_of(server, "239.7.8.11"), loopback_index()).value();
    UdpSocket sender = UdpSocket::bind(Address::any_ipv6(0), {.dual_stack = Switch::on}).value();
    sender.set_multicast_interface(loopback_index()).value();
    sender.set_multicast_hop_limit(7).value();
    const Address group = group_of(server, "[::ffff:239.7.8.11]");
    (co_await sender.send_to(group, "group")).value();

    const DatagramTrain heard = (co_await server.receive_one()).value();
    sender.set_multicast_loop(Switch::off).value();

    EXPECT_EQ(test::text_of(heard.payload.bytes()), "group");
    EXPECT_EQ(heard.hop_limit, 7);
    for (const int level : {SOL_IP, SOL_IPV6}) {
      int value = 1;
      socklen_t length = sizeof value;
      const int option = level == SOL_IP ? IP_MULTICAST_LOOP : IPV6_MULTICAST_LOOP;
      EXPECT_EQ(::getsockopt(sender.native_handle(), level, option, &value, &length), 0);
      EXPECT_EQ(value, 0);
    }
  });
}

TEST_P(UdpMulticastTest, TheLoopIsSwitchedForEachFamily) {
  WEIR_NEEDS_IPV6();
  run_net([]() -> Task<void> {
    UdpSocket ipv4 = UdpSocket::bind(Address::loopback(0)).value();
    UdpSocket ipv6 = UdpSocket::bind(Address::loopback_ipv6(0)).value();

    ipv4.set_multicast_loop(Switch::off).value();
    ipv6.set_multicast_loop(Switch::off).value();

    int value = 1;
    socklen_t length = sizeof value;
    EXPECT_EQ(::getsockopt(ipv4.native_handle(), SOL_IP, IP_MULTICAST_LOOP, &value, &length), 0);
    EXPECT_EQ(value, 0);
    value = 1;
    length = sizeof value;
    EXPECT_EQ(::getsockopt(ipv6.native_handle(), SOL_IPV6, IPV6_MULTICAST_LOOP, &value, &length),
              0);
    EXPECT_EQ(value, 0);
    co_return;
  });
}

}  // namespace
}  // namespace weir
