// An IPv4 or IPv6 address with a port in 28 bytes, as the kernel writes it beside each datagram.
//
// `Address` has room for a Unix path and is four times as large: too much to move about with each
// of some million datagrams a second. The two convert into each other.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstring>

#include "weir/base/assert.h"
#include "weir/net/address.h"

namespace weir {

class InternetAddress {
 public:
  /// No address.
  InternetAddress() noexcept : v6_{} {}
  /// Implicit, so that an Address goes wherever a datagram does. A Unix address becomes none.
  // NOLINTNEXTLINE(google-explicit-constructor)
  InternetAddress(const Address& address) noexcept : v6_{} {
    if (address.is_ip()) std::memcpy(&v6_, address.as_sockaddr(), address.sockaddr_length());
  }

  operator Address() const noexcept {  // NOLINT(google-explicit-constructor)
    return is_none() ? Address()
                     : Address::from_sockaddr(as_sockaddr(), sockaddr_length()).value_or(Address());
  }

  [[nodiscard]] bool is_none() const noexcept { return v4_.sin_family == AF_UNSPEC; }
  [[nodiscard]] bool is_ipv4() const noexcept { return v4_.sin_family == AF_INET; }
  [[nodiscard]] bool is_ipv6() const noexcept { return v4_.sin_family == AF_INET6; }
  /// Host byte order. Both families have it in the same place.
  [[nodiscard]] std::uint16_t port() const noexcept { return ntohs(v4_.sin_port); }
  void set_port(std::uint16_t port) noexcept { v4_.sin_port = htons(port); }

  /// For system calls, which may write up to `storage_bytes` there.
  [[nodiscard]] const ::sockaddr* as_sockaddr() const noexcept {
    return static_cast<const ::sockaddr*>(static_cast<const void*>(&v6_));
  }
  [[nodiscard]] ::sockaddr* storage() noexcept {
    return static_cast<::sockaddr*>(static_cast<void*>(&v6_));
  }
  static constexpr ::socklen_t storage_bytes = sizeof(::sockaddr_in6);
  [[nodiscard]] ::socklen_t sockaddr_length() const noexcept {
    if (is_ipv4()) return sizeof v4_;
    return is_none() ? 0 : sizeof v6_;
  }

  /// Bytewise: the kernel zeroes the padding of what it writes.
  [[nodiscard]] bool operator==(const InternetAddress& other) const noexcept {
    return v4_.sin_family == other.v4_.sin_family &&
           std::memcmp(&v6_, &other.v6_, sockaddr_length()) == 0;
  }

 private:
  union {
    ::sockaddr_in v4_;
    ::sockaddr_in6 v6_;
  };
};

static_assert(sizeof(InternetAddress) == 28);

}  // namespace weir
