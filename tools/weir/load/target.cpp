#include "tools/weir/load/target.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace weir::tools::load {
namespace {

constexpr std::string_view tcp_scheme = "tcp://";
constexpr std::string_view unix_scheme = "unix:";
constexpr std::array<std::string_view, 5> absent_schemes = {"udp", "tls", "http", "https", "ws"};

std::unexpected<UsageError> explain_scheme(std::string_view text) {
  const std::size_t end = text.find("://");
  if (end == std::string_view::npos) {
    if (Address::parse(text)) {
      return usage_error(
          fmt::format("target \"{}\" has no scheme; write {}{}", text, tcp_scheme, text));
    }
    return usage_error(fmt::format(
        "\"{}\" is not a target; write tcp://HOST:PORT or unix:PATH, such as tcp://127.0.0.1:9000",
        text));
  }
  const std::string_view scheme = text.substr(0, end);
  if (std::find(absent_schemes.begin(), absent_schemes.end(), scheme) != absent_schemes.end()) {
    return usage_error(
        fmt::format("{} targets are not supported; tcp://HOST:PORT and unix:PATH are", scheme));
  }
  return usage_error(
      fmt::format("unknown scheme \"{}://\"; write tcp://HOST:PORT or unix:PATH", scheme));
}

Address reachable(const Address& address) {
  if (!address.is_any()) return address;
  return address.family() == AddressFamily::ipv6 ? Address::loopback_ipv6(address.port())
                                                 : Address::loopback(address.port());
}

}  // namespace

Checked<Target> parse_target(std::string_view text) {
  const bool tcp = text.starts_with(tcp_scheme);
  if (!tcp && !text.starts_with(unix_scheme)) return explain_scheme(text);

  const std::string_view address_text = tcp ? text.substr(tcp_scheme.size()) : text;
  const auto parsed = Address::parse(address_text);
  if (!parsed) {
    return usage_error(fmt::format("target \"{}\": {}", text, explain_address_error(address_text)));
  }
  if (tcp && !parsed->is_ip()) {
    return usage_error(fmt::format("target \"{}\": write unix:PATH without tcp://", text));
  }
  if (tcp && parsed->port() == 0) {
    return usage_error(fmt::format(
        "target \"{}\": nothing listens on port 0; write the port that the server printed", text));
  }
  const Address address = reachable(*parsed);
  return Target{
      .address = address,
      .text = tcp ? fmt::format("{}{}", tcp_scheme, address.to_string()) : address.to_string()};
}

}  // namespace weir::tools::load
