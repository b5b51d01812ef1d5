// IPv6 on the loopback interface, which many containers do not have: a test that needs it is
// skipped there, with the reason.
//
//     TEST_P(SomeTest, TalksOverIPv6) {
//       WEIR_NEEDS_IPV6();
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <string>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>

#include "weir/net/address.h"

namespace weir::test {

/// Why nothing can be bound to ::1; empty if it can.
inline std::string ipv6_lack() {
  const Address address = Address::loopback_ipv6(0);
  const int fd = ::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const bool is_bound =
      fd >= 0 && ::bind(fd, address.as_sockaddr(), address.sockaddr_length()) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  return is_bound ? std::string() : "cannot bind to ::1: " + std::system_category().message(error);
}

/// The loopback address of each family that there is. Port 0. The summary of the tests says which
/// is not: "not tested on".
inline std::vector<Address> loopbacks() {
  const std::string lack = ipv6_lack();
  if (lack.empty()) return {Address::loopback(0), Address::loopback_ipv6(0)};
  std::cerr << "not tested on IPv6: " << lack << '\n';
  return {Address::loopback(0)};
}

}  // namespace weir::test

#define WEIR_NEEDS_IPV6()                                                \
  if (const std::string lack = ::weir::test::ipv6_lack(); !lack.empty()) \
  GTEST_SKIP() << "not tested on IPv6: " << lack
