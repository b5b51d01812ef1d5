#include "weir/net/address.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <map>
#include <string>
#include <type_traits>
#include <unordered_set>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "weir/base/error.h"

namespace weir {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

static_assert(std::is_trivially_copyable_v<Address>);
static_assert(std::is_trivially_destructible_v<Address>);
static_assert(sizeof(Address) == 112);

Address parsed(std::string_view text) {
  const auto address = Address::parse(text);
  EXPECT_TRUE(address) << text << ": " << explain_address_error(text);
  return address.value_or(Address());
}

TEST(Address, ParsesAndPrints) {
  struct Vector {
    const char *text, *printed;
  };
  for (const auto& v : {
           Vector{"127.0.0.1:9000", "127.0.0.1:9000"},
           Vector{"localhost:9000", "127.0.0.1:9000"},
           Vector{"*:80", "0.0.0.0:80"},
           Vector{":80", "0.0.0.0:80"},
           Vector{"10.1.2.3:0", "10.1.2.3:0"},
           Vector{"255.255.255.255:65535", "255.255.255.255:65535"},
           Vector{"[::1]:9000", "[::1]:9000"},
           Vector{"[::]:9000", "[::]:9000"},
           Vector{"[2001:DB8:0:0:0:0:0:1]:1", "[2001:db8::1]:1"},
           Vector{"[::ffff:192.0.2.1]:7", "[::ffff:192.0.2.1]:7"},
           Vector{"[fe80::1%7]:7", "[fe80::1%7]:7"},
           Vector{"[fe80::1%0]:7", "[fe80::1]:7"},
           Vector{"unix:/run/echo.sock", "unix:/run/echo.sock"},
           Vector{"unix:relative.sock", "unix:relative.sock"},
           Vector{"unix:/with:colon and space", "unix:/with:colon and space"},
           Vector{"unix:@echo", "unix:@echo"},
           Vector{"unix:@a\\x00b\\x1b", "unix:@a\\x00b\\x1b"},
           Vector{"unix:\\x40file", "unix:\\x40file"},
           Vector{"unix:back\\slash", "unix:back\\x5cslash"},
           Vector{"unix:cut\\x4", "unix:cut\\x5cx4"},
       }) {
    SCOPED_TRACE(v.text);

    const auto address = Address::parse(v.text);

    ASSERT_TRUE(address) << explain_address_error(v.text);
    EXPECT_EQ(address->to_string(), v.printed);
    EXPECT_EQ(parsed(address->to_string()), *address);
    EXPECT_THAT(explain_address_error(v.text), IsEmpty());
  }
}

TEST(Address, RefusesWhatIsNotAnAddressAndSaysWhy) {
  struct Vector {
    const char *text, *reason;
  };
  for (const auto& v : {
           Vector{"", "is empty"},
           Vector{"127.0.0.1", "has no port"},
           Vector{"127.0.0.1:", "has no port"},
           Vector{":", "has no port"},
           Vector{"127.0.0.1:70000", "port \"70000\" is out of range"},
           Vector{"127.0.0.1:99999999999999999999", "out of range"},
           Vector{"127.0.0.1:-1", "port \"-1\" is not a number"},
           Vector{"127.0.0.1:+1", "not a number"},
           Vector{"127.0.0.1: 1", "not a number"},
           Vector{"127.0.0.1:1 ", "not a number"},
           Vector{"127.0.0.1:http", "port \"http\" is not a number"},
           Vector{"127.0.0.1:080", "leading zero"},
           Vector{"127.0.0.1:0x50", "not a number"},
           Vector{"127.0.0.256:1", "host \"127.0.0.256\" is not an IPv4 address"},
           Vector{"127.0.0:1", "is not an IPv4 address"},
           Vector{"127.0.0.01:1", "is not an IPv4 address"},
           Vector{" 127.0.0.1:1", "is not an IPv4 address"},
           Vector{"example.com:80", "names are not looked up"},
           Vector{"::1:80", "IPv6 address in brackets"},
           Vector{"[::1:80", "no closing one"},
           Vector{"[::1]", "has no port"},
           Vector{"[::1]80", "a colon and a port must follow"},
           Vector{"[::1]:", "has no port"},
           Vector{"[::1]:x", "port \"x\" is not a number"},
           Vector{"[]:80", "not an IPv6 address"},
           Vector{"[127.0.0.1]:80", "not an IPv6 address"},
           Vector{"[fe80::1%]:80", "no network interface \"\""},
           Vector{"[fe80::1%no_such_if0]:80", "no network interface \"no_such_if0\""},
           Vector{"[fe80::1%99999999999]:80", "no network interface"},
           Vector{"unix:", "has no path"},
           Vector{"unix:@", "has no path"},
           Vector{"unix:/a\\x00b", "zero byte"},
           Vector{"/run/echo.sock", "write unix:/path"},
           Vector{"tcp://127.0.0.1:80", "looks like a path or a URL"},
           Vector{"\x1b[2J:80", "\"\\x1b[2J\""},
       }) {
    SCOPED_TRACE(v.text);

    const auto address = Address::parse(v.text);

    ASSERT_FALSE(address) << address->to_string();
    EXPECT_EQ(address.error(), Error::address_invalid);
    EXPECT_THAT(explain_address_error(v.text), HasSubstr(v.reason));
  }
}

TEST(Address, AcceptsAnInterfaceNameAsScope) {
  const auto address = Address::parse("[fe80::1%lo]:80");

  ASSERT_TRUE(address);
  EXPECT_NE(address->scope_id(), 0U);
  EXPECT_EQ(parsed(address->to_string()), *address);
}

TEST(Address, BoundsTheUnixName) {
  const std::string longest(107, 'a');
  const std::string too_long(108, 'a');

  EXPECT_TRUE(Address::parse("unix:" + longest));
  EXPECT_TRUE(Address::parse("unix:@" + longest));
  EXPECT_FALSE(Address::parse("unix:" + too_long));
  EXPECT_FALSE(Address::parse("unix:@" + too_long));
  EXPECT_THAT(explain_address_error("unix:" + too_long), HasSubstr("takes 107 bytes"));
  EXPECT_FALSE(Address::from_unix_path(too_long));
  EXPECT_FALSE(Address::from_unix_path(std::string_view("a\0b", 3)));
  EXPECT_FALSE(Address::from_unix_abstract(""));
}

TEST(Address, AnswersWhatItIs) {
  struct Vector {
    const char* text;
    AddressFamily family;
    int domain;
    bool loopback, any;
    std::uint16_t port;
  };
  using enum AddressFamily;
  for (const auto& v : {
           Vector{"127.0.0.1:1", ipv4, AF_INET, true, false, 1},
           Vector{"127.255.0.9:2", ipv4, AF_INET, true, false, 2},
           Vector{"128.0.0.1:3", ipv4, AF_INET, false, false, 3},
           Vector{"0.0.0.0:4", ipv4, AF_INET, false, true, 4},
           Vector{"[::1]:5", ipv6, AF_INET6, true, false, 5},
           Vector{"[::]:6", ipv6, AF_INET6, false, true, 6},
           Vector{"[::ffff:127.0.0.1]:7", ipv6, AF_INET6, true, false, 7},
           Vector{"[::ffff:0.0.0.0]:8", ipv6, AF_INET6, false, true, 8},
           Vector{"[2001:db8::1]:65535", ipv6, AF_INET6, false, false, 65535},
           Vector{"unix:/a", unix_socket, AF_UNIX, false, false, 0},
           Vector{"unix:@a", unix_socket, AF_UNIX, false, false, 0},
       }) {
    SCOPED_TRACE(v.text);

    const Address address = parsed(v.text);

    EXPECT_EQ(address.family(), v.family);
    EXPECT_EQ(address.socket_domain(), v.domain);
    EXPECT_EQ(address.is_loopback(), v.loopback);
    EXPECT_EQ(address.is_any(), v.any);
    EXPECT_EQ(address.port(), v.port);
    EXPECT_EQ(address.is_unix(), v.family == unix_socket);
    EXPECT_EQ(address.is_ip(), v.family != unix_socket);
  }
}

TEST(Address, NothingIsNoAddress) {
  const Address nothing;

  EXPECT_EQ(nothing.family(), AddressFamily::none);
  EXPECT_EQ(nothing.socket_domain(), AF_UNSPEC);
  EXPECT_EQ(nothing.sockaddr_length(), 0U);
  EXPECT_EQ(nothing.to_string(), "none");
  EXPECT_EQ(nothing, Address());
  EXPECT_FALSE(nothing.is_any() || nothing.is_loopback() || nothing.is_ip());
}

TEST(Address, MakesTheWellKnownOnes) {
  EXPECT_EQ(Address::loopback(80), parsed("127.0.0.1:80"));
  EXPECT_EQ(Address::loopback_ipv6(80), parsed("[::1]:80"));
  EXPECT_EQ(Address::any(80), parsed("*:80"));
  EXPECT_EQ(Address::any_ipv6(80), parsed("[::]:80"));
  EXPECT_EQ(Address::ipv4({10, 0, 0, 1}, 80), parsed("10.0.0.1:80"));
}

TEST(Address, ChangesThePortAlone) {
  EXPECT_EQ(parsed("10.0.0.1:80").with_port(81), parsed("10.0.0.1:81"));
  EXPECT_EQ(parsed("[fe80::1%3]:80").with_port(0), parsed("[fe80::1%3]:0"));
  EXPECT_EQ(parsed("unix:/a").with_port(81), parsed("unix:/a"));
  EXPECT_EQ(Address().with_port(81), Address());
}

TEST(Address, TellsTheHostWithoutThePort) {
  EXPECT_EQ(parsed("10.0.0.1:80").host(), "10.0.0.1");
  EXPECT_EQ(parsed("[fe80::1%3]:80").host(), "fe80::1%3");
  EXPECT_EQ(parsed("unix:/a").host(), "unix:/a");
}

TEST(Address, TellsTheUnixName) {
  EXPECT_EQ(parsed("unix:/a/b").unix_path(), "/a/b");
  EXPECT_THAT(std::string(parsed("unix:/a/b").unix_abstract()), IsEmpty());
  EXPECT_EQ(parsed("unix:@a").unix_abstract(), "a");
  EXPECT_THAT(std::string(parsed("unix:@a").unix_path()), IsEmpty());
  EXPECT_THAT(std::string(parsed("1.2.3.4:5").unix_path()), IsEmpty());
}

TEST(Address, OrdersByFamilyHostAndPort) {
  const std::vector<const char*> ascending = {
      "1.2.3.4:9", "1.2.3.5:8", "10.0.0.0:1", "[::1]:1",  "[::1]:2", "[2001:db8::1]:1",
      "unix:@a",   "unix:@b",   "unix:/a",    "unix:/ab", "unix:/b",
  };
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      SCOPED_TRACE(std::string(ascending[i]) + " and " + ascending[j]);
      const Address a = parsed(ascending[i]);
      const Address b = parsed(ascending[j]);

      EXPECT_EQ(a <=> b, i <=> j);
      EXPECT_EQ(a == b, i == j);
    }
  }
}

TEST(Address, ScopeAndFamilyMakeADifference) {
  EXPECT_NE(parsed("[fe80::1%2]:1"), parsed("[fe80::1%3]:1"));
  EXPECT_NE(parsed("[::ffff:1.2.3.4]:1"), parsed("1.2.3.4:1"));
  EXPECT_NE(parsed("unix:a"), parsed("unix:@a"));
}

TEST(Address, HashesWithoutCollisionsOverANetwork) {
  std::unordered_set<Address> addresses;
  std::unordered_set<std::size_t> hashes;
  for (std::uint8_t host = 0; host < 100; ++host) {
    for (std::uint16_t port = 1000; port < 1100; ++port) {
      const auto address = Address::ipv4({10, 0, 0, host}, port);
      addresses.insert(address);
      hashes.insert(std::hash<Address>{}(address));
    }
  }

  EXPECT_EQ(addresses.size(), 10'000U);
  EXPECT_EQ(hashes.size(), 10'000U);
  EXPECT_TRUE(addresses.contains(parsed("10.0.0.99:1099")));
}

TEST(Address, TakesOverWhatTheKernelWrote) {
  for (const char* text : {"127.0.0.1:0", "[::1]:0", "unix:@weir_address_test_"}) {
    SCOPED_TRACE(text);
    Address wanted = parsed(text);
    if (wanted.is_unix()) {
      wanted = parsed(text + std::to_string(::getpid()));
    }
    const int fd = ::socket(wanted.socket_domain(), SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ::bind(fd, wanted.as_sockaddr(), wanted.sockaddr_length()) != 0) {
      if (fd >= 0) ::close(fd);
      GTEST_SKIP() << "cannot bind " << text << " here: " << std::strerror(errno);
    }
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    ASSERT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &length), 0);
    ::close(fd);

    const auto bound = Address::from_sockaddr(reinterpret_cast<sockaddr*>(&storage), length);

    ASSERT_TRUE(bound);
    EXPECT_EQ(bound->with_port(0), wanted);
    EXPECT_EQ(parsed(bound->to_string()), *bound);
  }
}

TEST(Address, IgnoresWhatTheKernelLeavesUndefined) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(80);
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::memset(v4.sin_zero, 0xaa, sizeof v4.sin_zero);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(80);
  v6.sin6_flowinfo = 0xaaaa;
  v6.sin6_addr = in6addr_loopback;
  sockaddr_un path{};
  std::memset(&path, 0xaa, sizeof path);
  path.sun_family = AF_UNIX;
  std::strcpy(path.sun_path, "/a");

  EXPECT_EQ(Address::from_sockaddr(reinterpret_cast<sockaddr*>(&v4), sizeof v4),
            parsed("127.0.0.1:80"));
  EXPECT_EQ(Address::from_sockaddr(reinterpret_cast<sockaddr*>(&v6), sizeof v6),
            parsed("[::1]:80"));
  EXPECT_EQ(Address::from_sockaddr(reinterpret_cast<sockaddr*>(&path), sizeof path),
            parsed("unix:/a"));
}

TEST(Address, TakesUnixNamesOfEveryLength) {
  sockaddr_un native{};
  native.sun_family = AF_UNIX;
  std::memset(native.sun_path, 'x', sizeof native.sun_path);
  auto* generic = reinterpret_cast<sockaddr*>(&native);

  const auto unnamed = Address::from_sockaddr(generic, sizeof(sa_family_t));
  const auto unterminated = Address::from_sockaddr(generic, sizeof native);
  const auto counted_with_its_nul = Address::from_sockaddr(generic, sizeof native + 1);
  const auto cut_by_length = Address::from_sockaddr(generic, sizeof(sa_family_t) + 3);

  ASSERT_TRUE(unnamed && unterminated && counted_with_its_nul && cut_by_length);
  EXPECT_TRUE(unnamed->is_unix());
  EXPECT_EQ(unnamed->to_string(), "unix:");
  EXPECT_EQ(unterminated->unix_path(), std::string(108, 'x'));
  EXPECT_EQ(*counted_with_its_nul, *unterminated);
  EXPECT_EQ(*cut_by_length, parsed("unix:xxx"));
}

TEST(Address, RefusesASockaddrItCannotHold) {
  sockaddr_in6 native{};
  auto* generic = reinterpret_cast<sockaddr*>(&native);

  EXPECT_FALSE(Address::from_sockaddr(nullptr, 16));
  EXPECT_FALSE(Address::from_sockaddr(generic, sizeof native));  // AF_UNSPEC
  generic->sa_family = AF_INET;
  EXPECT_FALSE(Address::from_sockaddr(generic, 0));
  EXPECT_FALSE(Address::from_sockaddr(generic, sizeof(sockaddr_in) - 1));
  EXPECT_TRUE(Address::from_sockaddr(generic, sizeof(sockaddr_in)));
  generic->sa_family = AF_INET6;
  EXPECT_FALSE(Address::from_sockaddr(generic, sizeof(sockaddr_in6) - 1));
  generic->sa_family = AF_NETLINK;
  EXPECT_FALSE(Address::from_sockaddr(generic, sizeof native));
}

}  // namespace
}  // namespace weir
