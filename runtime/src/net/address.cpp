#include "weir/net/address.h"

#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>

#include "weir/base/error.h"

namespace weir {
namespace {

constexpr std::size_t path_offset = offsetof(sockaddr_un, sun_path);
constexpr std::size_t path_bytes_max = sizeof(sockaddr_un::sun_path) - 1;  // room for one NUL

constexpr std::array<std::uint8_t, 12> mapped_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_mapped(const in6_addr& host) noexcept {
  return std::memcmp(&host, mapped_prefix.data(), mapped_prefix.size()) == 0;
}

std::uint32_t mapped_host(const in6_addr& host) noexcept {
  std::uint32_t mapped = 0;
  std::memcpy(&mapped, &host.s6_addr[mapped_prefix.size()], sizeof mapped);
  return ntohl(mapped);
}

bool is_loopback_ipv4(std::uint32_t host) noexcept { return (host >> 24) == 127; }

/// The kernel's form of an address, copied out: the storage is bytes, so reading it through a
/// `sockaddr_in*` would be undefined.
template <typename Native>
Native read_native(const ::sockaddr* address) noexcept {
  Native native;
  std::memcpy(&native, address, sizeof native);
  return native;
}

}  // namespace

Address Address::ipv4(std::array<std::uint8_t, 4> octets, std::uint16_t port) noexcept {
  sockaddr_in native{};
  native.sin_family = AF_INET;
  native.sin_port = htons(port);
  std::memcpy(&native.sin_addr, octets.data(), octets.size());
  Address address;
  address.assign(&native, sizeof native);
  return address;
}

Address Address::ipv6(std::array<std::uint8_t, 16> octets, std::uint16_t port,
                      std::uint32_t scope_id) noexcept {
  sockaddr_in6 native{};
  native.sin6_family = AF_INET6;
  native.sin6_port = htons(port);
  native.sin6_scope_id = scope_id;
  std::memcpy(&native.sin6_addr, octets.data(), octets.size());
  Address address;
  address.assign(&native, sizeof native);
  return address;
}

Address Address::loopback(std::uint16_t port) noexcept { return ipv4({127, 0, 0, 1}, port); }

Address Address::loopback_ipv6(std::uint16_t port) noexcept {
  return ipv6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, port);
}

Address Address::any(std::uint16_t port) noexcept { return ipv4({}, port); }

Address Address::any_ipv6(std::uint16_t port) noexcept { return ipv6({}, port); }

Result<Address> Address::from_unix_path(std::string_view path) noexcept {
  if (path.empty() || path.size() > path_bytes_max) return fail(Error::address_invalid);
  if (path.find('\0') != std::string_view::npos) return fail(Error::address_invalid);
  sockaddr_un native{};
  native.sun_family = AF_UNIX;
  std::memcpy(native.sun_path, path.data(), path.size());
  Address address;
  address.assign(&native, path_offset + path.size() + 1);
  return address;
}

Result<Address> Address::from_unix_abstract(std::string_view name) noexcept {
  if (name.empty() || name.size() > path_bytes_max) return fail(Error::address_invalid);
  sockaddr_un native{};
  native.sun_family = AF_UNIX;
  std::memcpy(native.sun_path + 1, name.data(), name.size());
  Address address;
  address.assign(&native, path_offset + 1 + name.size());
  return address;
}

Result<Address> Address::from_sockaddr(const ::sockaddr* from, ::socklen_t length) noexcept {
  if (from == nullptr || length < sizeof(sa_family_t)) return fail(Error::address_invalid);
  sa_family_t family = AF_UNSPEC;
  std::memcpy(&family, from, sizeof family);

  if (family == AF_INET && length >= sizeof(sockaddr_in)) {
    const auto native = read_native<sockaddr_in>(from);
    std::array<std::uint8_t, 4> octets;
    std::memcpy(octets.data(), &native.sin_addr, octets.size());
    return ipv4(octets, ntohs(native.sin_port));
  }
  if (family == AF_INET6 && length >= sizeof(sockaddr_in6)) {
    const auto native = read_native<sockaddr_in6>(from);
    std::array<std::uint8_t, 16> octets;
    std::memcpy(octets.data(), &native.sin6_addr, octets.size());
    return ipv6(octets, ntohs(native.sin6_port), native.sin6_scope_id);
  }
  if (family == AF_UNIX) {
    // A path ends at its first NUL wherever `length` ends (unix(7)); in an abstract name NULs
    // count. A path of all 108 bytes has no room for its NUL and is reported with length 111.
    length = std::min(length, static_cast<::socklen_t>(sizeof(sockaddr_un)));
    sockaddr_un native{};
    std::memcpy(&native, from, length);
    std::size_t kept = length;
    if (length > path_offset && native.sun_path[0] != '\0') {
      kept = path_offset + ::strnlen(native.sun_path, sizeof native.sun_path) + 1;
    }
    Address address;
    address.assign(&native, std::min(kept, sizeof native));
    return address;
  }
  return fail(Error::address_invalid);
}

void Address::assign(const void* native, std::size_t length) noexcept {
  static_assert(storage_bytes == sizeof(sockaddr_un));
  static_assert(storage_bytes >= sizeof(sockaddr_in6));
  static_assert(std::is_trivially_copyable_v<Address> && sizeof(Address) == 112);
  std::memcpy(storage_.data(), native, length);
  length_ = static_cast<std::uint16_t>(length);
}

int Address::socket_domain() const noexcept {
  sa_family_t family = AF_UNSPEC;
  std::memcpy(&family, storage_.data(), sizeof family);
  return family;
}

AddressFamily Address::family() const noexcept {
  switch (socket_domain()) {
    case AF_INET:
      return AddressFamily::ipv4;
    case AF_INET6:
      return AddressFamily::ipv6;
    case AF_UNIX:
      return AddressFamily::unix_socket;
    default:
      return AddressFamily::none;  // the kernel's enumeration, not ours: AF_UNSPEC
  }
}

bool Address::is_ip() const noexcept {
  return family() == AddressFamily::ipv4 || family() == AddressFamily::ipv6;
}

bool Address::is_loopback() const noexcept {
  if (family() == AddressFamily::ipv4) {
    return is_loopback_ipv4(ntohl(read_native<sockaddr_in>(as_sockaddr()).sin_addr.s_addr));
  }
  if (family() != AddressFamily::ipv6) return false;
  const auto host = read_native<sockaddr_in6>(as_sockaddr()).sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&host) || (is_mapped(host) && is_loopback_ipv4(mapped_host(host)));
}

bool Address::is_any() const noexcept {
  if (family() == AddressFamily::ipv4) {
    return read_native<sockaddr_in>(as_sockaddr()).sin_addr.s_addr == htonl(INADDR_ANY);
  }
  if (family() != AddressFamily::ipv6) return false;
  const auto host = read_native<sockaddr_in6>(as_sockaddr()).sin6_addr;
  return IN6_IS_ADDR_UNSPECIFIED(&host) || (is_mapped(host) && mapped_host(host) == INADDR_ANY);
}

std::uint16_t Address::port() const noexcept {
  // The port sits at the same place in both.
  static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
  if (!is_ip()) return 0;
  in_port_t port = 0;
  std::memcpy(&port, &storage_[offsetof(sockaddr_in, sin_port)], sizeof port);
  return ntohs(port);
}

Address Address::with_port(std::uint16_t port) const noexcept {
  Address changed = *this;
  if (is_ip()) {
    const in_port_t wire_port = htons(port);
    std::memcpy(&changed.storage_[offsetof(sockaddr_in, sin_port)], &wire_port, sizeof wire_port);
  }
  return changed;
}

std::uint32_t Address::scope_id() const noexcept {
  if (family() != AddressFamily::ipv6) return 0;
  return read_native<sockaddr_in6>(as_sockaddr()).sin6_scope_id;
}

std::string_view Address::unix_path() const noexcept {
  if (!is_unix() || length_ <= path_offset) return {};
  const char* path = reinterpret_cast<const char*>(&storage_[path_offset]);
  return {path, ::strnlen(path, length_ - path_offset)};  // empty for an abstract name
}

std::string_view Address::unix_abstract() const noexcept {
  if (!is_unix() || length_ <= path_offset + 1) return {};
  const char* name = reinterpret_cast<const char*>(&storage_[path_offset]);
  if (name[0] != '\0') return {};
  return {name + 1, length_ - path_offset - 1};
}

const ::sockaddr* Address::as_sockaddr() const noexcept {
  return reinterpret_cast<const ::sockaddr*>(storage_.data());
}

std::strong_ordering Address::operator<=>(const Address& other) const noexcept {
  if (family() != other.family()) return family() <=> other.family();
  if (is_ip()) {
    // Network byte order makes comparing bytes the same as comparing numbers. The host starts after
    // the port in IPv4, after the port and the flow label (zero) in IPv6.
    constexpr std::size_t after_port = offsetof(sockaddr_in, sin_port) + sizeof(in_port_t);
    const int order =
        std::memcmp(&storage_[after_port], &other.storage_[after_port], length_ - after_port);
    if (order != 0) return order <=> 0;
    return port() <=> other.port();
  }
  const int order = std::memcmp(storage_.data(), other.storage_.data(),
                                std::min<std::size_t>(length_, other.length_));
  if (order != 0) return order <=> 0;
  return length_ <=> other.length_;
}

bool Address::operator==(const Address& other) const noexcept {
  return length_ == other.length_ &&
         std::memcmp(storage_.data(), other.storage_.data(), length_) == 0;
}

std::size_t Address::hash() const noexcept {
  return std::hash<std::string_view>{}(
      {reinterpret_cast<const char*>(storage_.data()), std::size_t{length_}});
}

}  // namespace weir
