#include "weir/net/internet_address.h"

#include <netinet/in.h>

#include <cstring>
#include <string>
#include <type_traits>

#include <gtest/gtest.h>

namespace weir {
namespace {

static_assert(std::is_trivially_copyable_v<InternetAddress>);
static_assert(std::is_trivially_destructible_v<InternetAddress>);

TEST(InternetAddress, IsNoneAtFirst) {
  const InternetAddress none;

  EXPECT_TRUE(none.is_none());
  EXPECT_FALSE(none.is_ipv4());
  EXPECT_FALSE(none.is_ipv6());
  EXPECT_EQ(none.sockaddr_length(), 0U);
  EXPECT_EQ(none.port(), 0);
  EXPECT_EQ(Address(none).family(), AddressFamily::none);
  EXPECT_EQ(none, InternetAddress());
}

TEST(InternetAddress, GoesThereAndBack) {
  for (const char* const text :
       {"127.0.0.1:80", "255.255.255.255:65535", "[::1]:80", "[2001:db8::7]:1", "0.0.0.0:0",
        "[::]:0", "[::ffff:10.0.0.1]:53"}) {
    const Address address = Address::parse(text).value();

    const InternetAddress converted = address;

    EXPECT_EQ(Address(converted), address) << text;
    EXPECT_EQ(converted.port(), address.port()) << text;
    EXPECT_EQ(converted.is_ipv4(), address.family() == AddressFamily::ipv4) << text;
    EXPECT_EQ(converted.is_ipv6(), address.family() == AddressFamily::ipv6) << text;
    EXPECT_EQ(converted.sockaddr_length(), address.sockaddr_length()) << text;
  }
}

TEST(InternetAddress, AUnixAddressBecomesNone) {
  EXPECT_TRUE(InternetAddress(Address::from_unix_path("/tmp/x").value()).is_none());
}

TEST(InternetAddress, ComparesFamilyHostAndPort) {
  const InternetAddress address = Address::loopback(80);
  InternetAddress other_port = address;
  other_port.set_port(81);

  EXPECT_EQ(address, InternetAddress(Address::loopback(80)));
  EXPECT_FALSE(address == other_port);
  EXPECT_EQ(other_port.port(), 81);
  EXPECT_FALSE(address == InternetAddress(Address::parse("127.0.0.2:80").value()));
  EXPECT_FALSE(address == InternetAddress(Address::loopback_ipv6(80)));
  EXPECT_FALSE(address == InternetAddress());
  EXPECT_FALSE(InternetAddress(Address::parse("[::ffff:127.0.0.1]:80").value()) == address);
}

// The storage is used for one datagram after the other: what an IPv6 address left behind an IPv4
// one does not count.
TEST(InternetAddress, WhatIsBehindAnIPv4AddressDoesNotCount) {
  InternetAddress used = Address::parse("[1:2:3:4:5:6:7:8]:9").value();
  sockaddr_in native{};
  native.sin_family = AF_INET;
  native.sin_port = htons(80);
  native.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

  std::memcpy(used.storage(), &native, sizeof native);

  EXPECT_EQ(used, InternetAddress(Address::loopback(80)));
  EXPECT_EQ(Address(used), Address::loopback(80));
}

}  // namespace
}  // namespace weir
