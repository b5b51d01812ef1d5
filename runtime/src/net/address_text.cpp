// Address <-> text. One parser serves both `parse` and `explain_address_error`: it returns a fault,
// which the first reduces to a code and the second turns into a sentence.
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include "weir/base/error.h"
#include "weir/net/address.h"

namespace weir {
namespace {

constexpr std::string_view unix_prefix = "unix:";
constexpr std::size_t unix_name_bytes_max = 107;

enum class Fault : std::uint8_t {
  empty,
  port_missing,
  port_not_a_number,
  port_out_of_range,
  port_leading_zero,
  host_not_numeric,
  ipv6_without_brackets,
  bracket_unclosed,
  bracket_not_ipv6,
  text_after_bracket,
  scope_unknown,
  unix_name_empty,
  unix_name_too_long,
  unix_path_with_nul,
  looks_like_path,
};

template <typename T>
using Parsed = std::expected<T, Fault>;

std::unexpected<Fault> fault(Fault what) noexcept { return std::unexpected(what); }

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

Parsed<std::uint16_t> parse_port(std::string_view text) noexcept {
  if (text.empty()) return fault(Fault::port_missing);
  if (!std::all_of(text.begin(), text.end(), is_digit)) return fault(Fault::port_not_a_number);
  if (text.size() > 1 && text.front() == '0') return fault(Fault::port_leading_zero);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{}) return fault(Fault::port_out_of_range);
  return port;
}

/// inet_pton and if_nametoindex want a terminated string. Nothing they accept is longer than this.
struct TerminatedText {
  explicit TerminatedText(std::string_view text) noexcept {
    fits = text.size() < buffer.size() && text.find('\0') == std::string_view::npos;
    if (fits) std::memcpy(buffer.data(), text.data(), text.size());
  }
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  bool fits = false;
};

std::optional<std::array<std::uint8_t, 4>> parse_ipv4_host(std::string_view text) noexcept {
  if (text.empty() || text == "*") return std::array<std::uint8_t, 4>{};
  if (text == "localhost") return std::array<std::uint8_t, 4>{127, 0, 0, 1};
  const TerminatedText host(text);
  std::array<std::uint8_t, 4> octets;
  if (!host.fits || ::inet_pton(AF_INET, host.buffer.data(), octets.data()) != 1) return {};
  return octets;
}

std::optional<std::array<std::uint8_t, 16>> parse_ipv6_host(std::string_view text) noexcept {
  const TerminatedText host(text);
  std::array<std::uint8_t, 16> octets;
  if (!host.fits || ::inet_pton(AF_INET6, host.buffer.data(), octets.data()) != 1) return {};
  return octets;
}

/// `%2` or `%eth0`, without the percent sign. Only the second asks the kernel.
Parsed<std::uint32_t> parse_scope(std::string_view text) noexcept {
  if (text.empty()) return fault(Fault::scope_unknown);
  if (std::all_of(text.begin(), text.end(), is_digit)) {
    std::uint32_t index = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
    if (error != std::errc{}) return fault(Fault::scope_unknown);
    return index;
  }
  const TerminatedText name(text);
  const unsigned index = name.fits ? ::if_nametoindex(name.buffer.data()) : 0;
  if (index == 0) return fault(Fault::scope_unknown);
  return index;
}

Parsed<Address> parse_bracketed(std::string_view text) noexcept {
  const std::size_t close = text.find(']');
  if (close == std::string_view::npos) return fault(Fault::bracket_unclosed);
  std::string_view host = text.substr(1, close - 1);
  const std::string_view rest = text.substr(close + 1);

  std::uint32_t scope_id = 0;
  if (const std::size_t percent = host.find('%'); percent != std::string_view::npos) {
    const auto scope = parse_scope(host.substr(percent + 1));
    if (!scope) return fault(scope.error());
    scope_id = *scope;
    host = host.substr(0, percent);
  }
  const auto octets = parse_ipv6_host(host);
  if (!octets) return fault(Fault::bracket_not_ipv6);
  if (rest.empty()) return fault(Fault::port_missing);
  if (rest.front() != ':') return fault(Fault::text_after_bracket);
  const auto port = parse_port(rest.substr(1));
  if (!port) return fault(port.error());
  return Address::ipv6(*octets, *port, scope_id);
}

std::optional<unsigned> hex_digit(char c) noexcept {
  if (is_digit(c)) return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return {};
}

/// Undoes `append_escaped`: `\xNN` is one byte, any other backslash is itself.
struct UnescapedName {
  explicit UnescapedName(std::string_view text) noexcept {
    while (!text.empty()) {
      if (size == bytes.size()) {
        too_long = true;
        return;
      }
      char byte = text.front();
      std::size_t taken = 1;
      if (text.size() >= 4 && text[0] == '\\' && text[1] == 'x') {
        const auto high = hex_digit(text[2]);
        const auto low = hex_digit(text[3]);
        if (high && low) {
          byte = static_cast<char>(*high * 16 + *low);
          taken = 4;
        }
      }
      bytes[size++] = byte;
      text.remove_prefix(taken);
    }
  }
  [[nodiscard]] std::string_view view() const noexcept { return {bytes.data(), size}; }

  std::array<char, unix_name_bytes_max> bytes{};
  std::size_t size = 0;
  bool too_long = false;
};

Parsed<Address> parse_unix(std::string_view text) noexcept {
  const bool abstract = text.starts_with('@');
  if (abstract) text.remove_prefix(1);
  if (text.empty()) return fault(Fault::unix_name_empty);
  const UnescapedName name(text);
  if (name.too_long) return fault(Fault::unix_name_too_long);
  const auto address =
      abstract ? Address::from_unix_abstract(name.view()) : Address::from_unix_path(name.view());
  if (!address) return fault(Fault::unix_path_with_nul);
  return *address;
}

Parsed<Address> parse_address(std::string_view text) noexcept {
  if (text.empty()) return fault(Fault::empty);
  if (text.starts_with(unix_prefix)) return parse_unix(text.substr(unix_prefix.size()));
  if (text.starts_with('[')) return parse_bracketed(text);
  if (text.find('/') != std::string_view::npos) return fault(Fault::looks_like_path);

  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return fault(Fault::port_missing);
  if (text.find(':') != colon) return fault(Fault::ipv6_without_brackets);
  const auto octets = parse_ipv4_host(text.substr(0, colon));
  if (!octets) return fault(Fault::host_not_numeric);
  const auto port = parse_port(text.substr(colon + 1));
  if (!port) return fault(port.error());
  return Address::ipv4(*octets, *port);
}

void append_escaped(std::string& out, unsigned char byte) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\x";
  out += digits[byte >> 4];
  out += digits[byte & 15];
}

/// Control bytes and the backslash are written as `\xNN`, so that a hostile name cannot drive the
/// terminal of whoever reads a log, and so that what is printed parses to the same bytes.
void append_printable(std::string& out, std::string_view bytes) {
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || c == '\\') {
      append_escaped(out, byte);
    } else {
      out += c;
    }
  }
}

std::string quoted(std::string_view text) {
  constexpr std::size_t shown_bytes_max = 60;
  std::string out = "\"";
  append_printable(out, text.substr(0, shown_bytes_max));
  if (text.size() > shown_bytes_max) out += "...";
  out += '"';
  return out;
}

std::string print_unix(const Address& address) {
  std::string out(unix_prefix);
  if (const auto name = address.unix_abstract(); !name.empty()) {
    out += '@';
    append_printable(out, name);
    return out;
  }
  std::string_view path = address.unix_path();
  if (path.starts_with('@')) {  // a file of that name; a plain @ would read as abstract
    append_escaped(out, '@');
    path.remove_prefix(1);
  }
  append_printable(out, path);
  return out;
}

std::string print_ip_host(const Address& address) {
  const bool v6 = address.family() == AddressFamily::ipv6;
  const std::size_t offset =
      v6 ? offsetof(sockaddr_in6, sin6_addr) : offsetof(sockaddr_in, sin_addr);
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  ::inet_ntop(address.socket_domain(),
              reinterpret_cast<const std::byte*>(address.as_sockaddr()) + offset, buffer.data(),
              static_cast<socklen_t>(buffer.size()));
  std::string out(buffer.data());
  if (address.scope_id() != 0) out += '%' + std::to_string(address.scope_id());
  return out;
}

/// What follows the last colon outside brackets: what was meant as the port.
std::string port_text(std::string_view text) { return quoted(text.substr(text.rfind(':') + 1)); }

std::string scope_text(std::string_view text) {
  const std::size_t percent = text.find('%');
  return quoted(text.substr(percent + 1, text.find(']') - percent - 1));
}

std::string explain(Fault what, std::string_view text) {
  switch (what) {
    case Fault::empty:
      return "the address is empty; write host:port, such as 127.0.0.1:9000";
    case Fault::port_missing:
      return quoted(text) + " has no port; write host:port, such as 127.0.0.1:9000";
    case Fault::port_not_a_number:
      return "port " + port_text(text) + " is not a number (0 to 65535)";
    case Fault::port_out_of_range:
      return "port " + port_text(text) + " is out of range (0 to 65535)";
    case Fault::port_leading_zero:
      return "port " + port_text(text) + " has a leading zero";
    case Fault::host_not_numeric:
      return "host " + quoted(text.substr(0, text.rfind(':'))) +
             " is not an IPv4 address; write numbers such as 127.0.0.1, or localhost, or an IPv6 "
             "address in brackets such as [::1]: names are not looked up";
    case Fault::ipv6_without_brackets:
      return quoted(text) +
             " has several colons; write an IPv6 address in brackets, such as "
             "[::1]:9000";
    case Fault::bracket_unclosed:
      return quoted(text) + " has an opening bracket and no closing one";
    case Fault::bracket_not_ipv6:
      return "what stands in the brackets of " + quoted(text) + " is not an IPv6 address";
    case Fault::text_after_bracket:
      return "after the bracket of " + quoted(text) + " a colon and a port must follow";
    case Fault::scope_unknown:
      return "there is no network interface " + scope_text(text);
    case Fault::unix_name_empty:
      return quoted(text) + " has no path; write unix:/path, or unix:@name for an abstract socket";
    case Fault::unix_name_too_long:
      return quoted(text) + " is too long: the kernel takes " +
             std::to_string(unix_name_bytes_max) + " bytes of path; choose a shorter directory";
    case Fault::unix_path_with_nul:
      return "the path of " + quoted(text) + " has a zero byte in it";
    case Fault::looks_like_path:
      return quoted(text) +
             " looks like a path or a URL; write unix:/path for a Unix socket, or "
             "host:port";
  }
  return {};
}

}  // namespace

Result<Address> Address::parse(std::string_view text) noexcept {
  const auto parsed = parse_address(text);
  if (!parsed) return fail(Error::address_invalid);
  return *parsed;
}

std::string Address::host() const {
  switch (family()) {
    case AddressFamily::none:
      return "none";
    case AddressFamily::ipv4:
    case AddressFamily::ipv6:
      return print_ip_host(*this);
    case AddressFamily::unix_socket:
      return print_unix(*this);
  }
  return {};
}

std::string Address::to_string() const {
  if (!is_ip()) return host();
  const std::string port_part = ':' + std::to_string(port());
  if (family() == AddressFamily::ipv6) return '[' + host() + ']' + port_part;
  return host() + port_part;
}

std::string explain_address_error(std::string_view text) {
  const auto parsed = parse_address(text);
  return parsed ? std::string() : explain(parsed.error(), text);
}

}  // namespace weir
