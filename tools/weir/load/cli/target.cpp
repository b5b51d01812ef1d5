#include "tools/weir/load/cli/target.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

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

}  // namespace

Checked<Target> parse_target(std::string_view text) {
  const bool is_udp = text.starts_with(udp_scheme);
  const std::string_view scheme = is_udp ? udp_scheme : tcp_scheme;
  const bool is_ip = text.starts_with(scheme);
  if (!is_ip && !text.starts_with(unix_scheme)) return explain_scheme(text);

  const std::string_view address_text = is_ip ? text.substr(scheme.size()) : text;
  const auto parsed = Address::parse(address_text);
  if (!parsed) {
    return usage_error(fmt::format("target \"{}\": {}", text, explain_address_error(address_text)));
  }
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
