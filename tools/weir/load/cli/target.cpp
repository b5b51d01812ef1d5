#include "tools/weir/load/cli/target.h"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstring>

#include <fmt/format.h>

#include "tools/weir/load/cli/resolve_host.h"

namespace weir::tools::load {
namespace {

constexpr std::string_view tcp_scheme = "tcp://";
constexpr std::string_view udp_scheme = "udp://";
constexpr std::string_view unix_scheme = "unix:";
constexpr std::array<std::string_view, 4> absent_schemes = {"tls", "http", "https", "ws"};

std::unexpected<UsageError> explain_scheme(std::string_view text) {
  const std::size_t end = text.find("://");
  if (end == std::string_view::npos) {
    if (Address::parse(text)) {
      return usage_error(
          fmt::format("target \"{}\" has no scheme; write {}{}", text, tcp_scheme, text));
    }
    return usage_error(fmt::format(
        "\"{}\" is not a target; write tcp://HOST:PORT, udp://HOST:PORT or unix:PATH, such as "
        "tcp://127.0.0.1:9000",
        text));
  }
  const std::string_view scheme = text.substr(0, end);
  if (std::find(absent_schemes.begin(), absent_schemes.end(), scheme) != absent_schemes.end()) {
    return usage_error(fmt::format(
        "{} targets are not supported; tcp://HOST:PORT, udp://HOST:PORT and unix:PATH are",
        scheme));
  }
  return usage_error(fmt::format(
      "unknown scheme \"{}://\"; write tcp://HOST:PORT, udp://HOST:PORT or unix:PATH", scheme));
}

Address reachable(const Address& address) {
  if (!address.is_any()) return address;
  return address.family() == AddressFamily::ipv6 ? Address::loopback_ipv6(address.port())
                                                 : Address::loopback(address.port());
}

/// `name:port` whose name is not an address: letters, digits, dots and dashes.
Checked<Address> resolve(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const auto no_name = [&] { return usage_error(explain_address_error(text)); };
  if (colon == std::string_view::npos || colon == 0) return no_name();
  const std::string_view host = text.substr(0, colon);
  const bool is_name = std::all_of(host.begin(), host.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_';
  });
  const bool has_letter =
      std::any_of(host.begin(), host.end(), [](unsigned char c) { return std::isalpha(c) != 0; });
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data() + colon + 1, end, port);
  if (!is_name || !has_letter || error != std::errc() || rest != end) return no_name();
  return resolve_host(std::string(host), port);
}

}  // namespace

bool is_local_or_private(const Address& address) noexcept {
  if (address.is_unix() || address.is_loopback()) return true;
  if (address.family() == AddressFamily::ipv4) {
    sockaddr_in ip{};
    std::memcpy(&ip, address.as_sockaddr(), sizeof ip);
    const std::uint32_t host = ntohl(ip.sin_addr.s_addr);
    const auto in = [host](std::uint32_t network, unsigned bits) {
      return (host ^ network) >> (32 - bits) == 0;
    };
    return in(0x0a000000, 8) || in(0xac100000, 12) || in(0xc0a80000, 16) || in(0xa9fe0000, 16);
  }
  sockaddr_in6 ip{};
  std::memcpy(&ip, address.as_sockaddr(), sizeof ip);
  const auto first = ip.sin6_addr.s6_addr[0];
  return (first & 0xfeU) == 0xfcU || (first == 0xfeU && (ip.sin6_addr.s6_addr[1] & 0xc0U) == 0x80U);
}

Checked<Target> parse_target(std::string_view text) {
  const bool is_udp = text.starts_with(udp_scheme);
  const std::string_view scheme = is_udp ? udp_scheme : tcp_scheme;
  const bool is_ip = text.starts_with(scheme);
  if (!is_ip && !text.starts_with(unix_scheme)) return explain_scheme(text);

  const std::string_view address_text = is_ip ? text.substr(scheme.size()) : text;
  Checked<Address> parsed = usage_error("");
  if (const auto address = Address::parse(address_text)) {
    parsed = *address;
  } else {
    parsed = is_ip ? resolve(address_text) : usage_error(explain_address_error(address_text));
  }
  if (!parsed) return usage_error(fmt::format("target \"{}\": {}", text, parsed.error().message));
  if (is_ip && !parsed->is_ip()) {
    return usage_error(fmt::format("target \"{}\": write unix:PATH without {}", text, scheme));
  }
  if (is_ip && parsed->port() == 0) {
    return usage_error(fmt::format(
        "target \"{}\": nothing listens on port 0; write the port that the server printed", text));
  }
  const Address address = reachable(*parsed);
  return Target{
      .address = address,
      .transport = is_udp ? Transport::datagram : Transport::stream,
      .text = is_ip ? fmt::format("{}{}", scheme, address.to_string()) : address.to_string()};
}

}  // namespace weir::tools::load
