#include "options.h"

#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace delay_relay {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

using Refusal = std::unexpected<std::string>;

struct DurationRange {
  weir::Duration least;
  weir::Duration most;
};

struct NumberRange {
  unsigned least;
  unsigned most;
};

/// The whole text as a number.
template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const char* const text_end = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), text_end, number);
  if (error != std::errc{} || end != text_end) return std::nullopt;
  return number;
}

std::optional<unsigned> parse_number(std::string_view text, NumberRange range) {
  const std::optional<unsigned> number = parse_number<unsigned>(text);
  if (!number || *number < range.least || *number > range.most) return std::nullopt;
  return number;
}

std::optional<weir::Duration> parse_duration(std::string_view text, DurationRange range) {
  const std::size_t unit_at = text.find_first_not_of("0123456789.");
  if (unit_at == std::string_view::npos) return std::nullopt;
  const std::optional<double> number = parse_number<double>(text.substr(0, unit_at));
  const std::string_view unit = text.substr(unit_at);
  const double unit_s = unit == "us" ? 1e-6 : unit == "ms" ? 1e-3 : unit == "s" ? 1 : 0;
  if (!number || unit_s == 0 || *number > 1e6) return std::nullopt;
  const auto duration =
      std::chrono::round<weir::Duration>(std::chrono::duration<double>(*number * unit_s));
  if (duration < range.least || duration > range.most) return std::nullopt;
  return duration;
}

/// A network of prefix 30: a, b, c and a multiple of four.
std::optional<Ipv4Address> parse_network(std::string_view text) {
  Ipv4Address address{};
  for (std::size_t i = 0; i < address.size(); ++i) {
    const std::size_t dot = i + 1 < address.size() ? text.find('.') : text.size();
    if (dot == std::string_view::npos) return std::nullopt;
    const std::optional<unsigned> part = parse_number(text.substr(0, dot), {0, 255});
    if (!part) return std::nullopt;
    address[i] = static_cast<std::uint8_t>(*part);
    text.remove_prefix(i + 1 < address.size() ? dot + 1 : dot);
  }
  if (address[3] % 4 != 0) return std::nullopt;
  return address;
}

/// Sets `place` if there is a value. \returns what was wanted, if there is none
template <typename T, typename Place>
std::string put(const std::optional<T>& value, Place& place, const char* wanted) {
  if (!value) return wanted;
  place = static_cast<Place>(*value);
  return {};
}

std::string set_timing(RelaySettings& relay, std::string_view flag, const std::string& value) {
  if (flag == "--wake-early") {
    return put(parse_duration(value, {microseconds(0), milliseconds(10)}), relay.relay.wake_early,
               "want a time from 0us to 10ms");
  }
  if (flag == "--spin") {
    return put(parse_duration(value, {microseconds(0), seconds(10)}), relay.spin,
               "want a time from 0us to 10s");
  }
  if (flag == "--realtime") {
    return put(parse_number(value, {0, 99}), relay.realtime_priority, "want a number from 0 to 99");
  }
  if (flag == "--cpu") {
    return put(parse_number(value, {0, 32767}), relay.cpu, "want a number from 0 to 32767");
  }
  if (flag == "--backend") {
    const weir::Result<weir::Backend> backend = weir::parse_backend(value);
    if (!backend) return "want auto, io_uring or epoll";
    relay.backend = *backend;
    return {};
  }
  return "unknown flag";
}

std::string set_path(PathOptions& path, std::string_view flag, const std::string& value) {
  if (flag == "--client") {
    path.client_namespace = value;
  } else if (flag == "--server") {
    path.server_namespace = value;
  } else if (flag == "--network") {
    return put(parse_network(value), path.network,
               "want an IPv4 address whose last part is a multiple of 4");
  } else if (flag == "--device") {
    if (value.empty() || value.size() > NetworkInterface::name_chars_max ||
        value.find_first_of("/: \t%") != std::string::npos || value.starts_with('.')) {
      return "want the name of a network interface, at most 15 characters";
    }
    path.device = value;
  } else {
    return put(parse_number(value, {576, 65535}), path.mtu_bytes,
               "want a number from 576 to 65535");
  }
  return {};
}

std::string set(Options& options, std::string_view flag, const std::string& value) {
  if (flag == "--rtt") {
    return put(parse_duration(value, {microseconds(100), seconds(10)}), options.relay.relay.rtt,
               "want a time from 100us to 10s, as 20ms");
  }
  if (flag == "--packets-max") {
    return put(parse_number(value, {1, 1'000'000}), options.relay.relay.packets_max,
               "want a number from 1 to 1000000");
  }
  if (flag == "--duration") {
    return put(parse_duration(value, {milliseconds(1), seconds(1'000'000)}), options.duration,
               "want a time from 1ms, as 10s");
  }
  if (flag == "--probe") {
    return put(parse_number(value, {1, 1'000'000}), options.probes,
               "want a number from 1 to 1000000");
  }
  for (const char* const of_path : {"--client", "--server", "--network", "--device", "--mtu"}) {
    if (flag == of_path) return set_path(options.path, flag, value);
  }
  return set_timing(options.relay, flag, value);
}

}  // namespace

std::expected<Options, std::string> parse_options(std::span<char*> arguments) {
  Options options;
  while (!arguments.empty()) {
    const std::string flag = arguments[0];
    if (flag == "--json") {
      options.is_json = true;
      arguments = arguments.subspan(1);
      continue;
    }
    if (!flag.starts_with("--")) return Refusal("\"" + flag + "\" is no flag");
    if (arguments.size() < 2) return Refusal(flag + " wants a value");
    const std::string value = arguments[1];
    const std::string problem = set(options, flag, value);
    if (problem == "unknown flag") return Refusal(problem + " " + flag);
    if (!problem.empty()) return Refusal(flag + " " + value + ": " + problem);
    arguments = arguments.subspan(2);
  }
  if (options.relay.relay.rtt == weir::Duration::zero()) return Refusal("--rtt is missing");
  return options;
}

}  // namespace delay_relay
