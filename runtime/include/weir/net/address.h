// Where a socket is, as a value: an IPv4 or IPv6 address with a port, or a Unix socket.
//
//     127.0.0.1:9000        IPv4                    localhost:9000   the same as 127.0.0.1:9000
//     [::1]:9000            IPv6                    [fe80::1%2]:80   IPv6 with a scope (or %eth0)
//     *:9000   :9000        any IPv4 address        [::]:9000        any IPv6 address, and by
//                                                                    default any IPv4 one too
//     unix:/run/echo.sock   Unix, a path            unix:@echo       Unix, abstract (no file)
//
// Hosts are numeric: a name may take seconds to look up and may have many answers, so it is the
// resolver's job, never this parser's. `localhost` is the exception because RFC 6761 fixes it.
#pragma once

#include <sys/socket.h>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "weir/base/result.h"

namespace weir {

/// What kind of address. Not called `unix` because GNU dialects define that word as a macro.
enum class AddressFamily : std::uint8_t { none, ipv4, ipv6, unix_socket };

/// A socket address in the form the kernel takes, so that using it converts nothing.
///
/// Trivially copyable, 112 bytes (a Unix path is 108 of them). Two addresses are equal exactly when
/// they mean the same: what the kernel leaves undefined (padding, IPv6 flow label) is zeroed.
class Address {
 public:
  /// No address: `family()` is `none`. No system call accepts it.
  Address() noexcept = default;

  [[nodiscard]] static Address ipv4(std::array<std::uint8_t, 4> octets,
                                    std::uint16_t port) noexcept;
  /// \param scope_id  index of the network interface; only link-local addresses need one
  [[nodiscard]] static Address ipv6(std::array<std::uint8_t, 16> octets, std::uint16_t port,
                                    std::uint32_t scope_id = 0) noexcept;
  /// 127.0.0.1 and ::1. Port 0 lets the kernel choose where it is listened on.
  [[nodiscard]] static Address loopback(std::uint16_t port) noexcept;
  [[nodiscard]] static Address loopback_ipv6(std::uint16_t port) noexcept;
  /// 0.0.0.0 and [::]: every address of this machine.
  [[nodiscard]] static Address any(std::uint16_t port) noexcept;
  [[nodiscard]] static Address any_ipv6(std::uint16_t port) noexcept;
  /// A Unix socket in the file system. 1 to 107 bytes, none of them zero; else
  /// `Error::address_invalid`: choose a shorter directory.
  [[nodiscard]] static Result<Address> from_unix_path(std::string_view path) noexcept;
  /// A Unix socket without a file: a name known to this network namespace. 1 to 107 bytes of any
  /// value; else `Error::address_invalid`.
  [[nodiscard]] static Result<Address> from_unix_abstract(std::string_view name) noexcept;

  /// Reads the notation at the top of this file. Strict: the whole text, a decimal port in 0..65535
  /// without sign or leading zeros, always a port. In a Unix path `\xNN` stands for one byte.
  /// \returns  `Error::address_invalid`; `explain_address_error()` has the reason in words
  [[nodiscard]] static Result<Address> parse(std::string_view text) noexcept;

  /// Takes over what `accept`, `getsockname` or `recvmsg` wrote.
  /// \returns  `Error::address_invalid` if the family is not one of the three, or `length` too
  /// short
  [[nodiscard]] static Result<Address> from_sockaddr(const ::sockaddr* address,
                                                     ::socklen_t length) noexcept;

  [[nodiscard]] AddressFamily family() const noexcept;
  [[nodiscard]] bool is_ip() const noexcept;
  [[nodiscard]] bool is_unix() const noexcept { return family() == AddressFamily::unix_socket; }
  /// 127.0.0.0/8, ::1, and the first written as IPv6 (::ffff:127.0.0.1). A Unix socket is not.
  [[nodiscard]] bool is_loopback() const noexcept;
  /// 0.0.0.0, ::, or ::ffff:0.0.0.0: where to listen, and nowhere to connect to.
  [[nodiscard]] bool is_any() const noexcept;

  /// 0 for what has no port.
  [[nodiscard]] std::uint16_t port() const noexcept;
  /// The same host with another port. What has no port comes back unchanged.
  [[nodiscard]] Address with_port(std::uint16_t port) const noexcept;
  /// Index of the network interface of a scoped IPv6 address, else 0.
  [[nodiscard]] std::uint32_t scope_id() const noexcept;
  /// Path of a Unix socket in the file system; empty for everything else. Borrowed from `*this`.
  [[nodiscard]] std::string_view unix_path() const noexcept;
  /// Name of an abstract Unix socket, without the leading zero byte; empty for everything else.
  [[nodiscard]] std::string_view unix_abstract() const noexcept;

  /// The notation at the top of this file: `parse()` of it gives the same address. The peer of a
  /// Unix client usually has no name and prints as `unix:`, no address at all as `none`; these two
  /// cannot be connected to, so they do not parse.
  [[nodiscard]] std::string to_string() const;
  /// Without the port and the brackets: `127.0.0.1`, `fe80::1%2`, `unix:/run/echo.sock`.
  [[nodiscard]] std::string host() const;

  /// For system calls. Valid as long as `*this`.
  [[nodiscard]] const ::sockaddr* as_sockaddr() const noexcept;
  [[nodiscard]] ::socklen_t sockaddr_length() const noexcept { return length_; }
  /// AF_INET, AF_INET6, AF_UNIX, or AF_UNSPEC: the first argument of `socket()`.
  [[nodiscard]] int socket_domain() const noexcept;

  /// By family, then host, then port; Unix sockets by name.
  [[nodiscard]] std::strong_ordering operator<=>(const Address& other) const noexcept;
  [[nodiscard]] bool operator==(const Address& other) const noexcept;

  /// Well mixed, but without a secret: a table that strangers fill needs a bound on its size too.
  [[nodiscard]] std::size_t hash() const noexcept;

 private:
  // sizeof(sockaddr_un); a static_assert in the .cpp holds it there. The bytes past `length_` are
  // zero, which is what makes comparing the first `length_` of them sufficient.
  static constexpr std::size_t storage_bytes = 110;

  void assign(const void* native, std::size_t length) noexcept;

  alignas(4) std::array<std::byte, storage_bytes> storage_{};
  std::uint16_t length_ = 0;
};

/// Why `text` is not an address, as one sentence without a full stop, such as
/// `port 70000 is out of range (0 to 65535)`. Empty if it is one.
[[nodiscard]] std::string explain_address_error(std::string_view text);

}  // namespace weir

template <>
struct std::hash<weir::Address> {
  [[nodiscard]] std::size_t operator()(const weir::Address& address) const noexcept {
    return address.hash();
  }
};
