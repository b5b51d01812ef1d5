#include "tools/weir/common/duration.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "tools/weir/common/scaled_number.h"

namespace weir::tools {
namespace {

constexpr std::array duration_units = {Unit{"ns", 1},
                                       Unit{"us", 1'000},
                                       Unit{"µs", 1'000},
                                       Unit{"ms", 1'000'000},
                                       Unit{"s", 1'000'000'000},
                                       Unit{"m", 60'000'000'000},
                                       Unit{"h", 3'600'000'000'000}};

constexpr std::chrono::nanoseconds duration_max = std::chrono::hours(24 * 365);

}  // namespace

Checked<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  const auto parts = split_scaled_number(text);
  if (!parts) {
    return usage_error(
        fmt::format("\"{}\" is not a duration; write a number and a unit, such as "
                    "10s or 500ms",
                    text));
  }
  if (parts->unit.empty()) {
    return usage_error(
        fmt::format("\"{}\" has no unit; write {}s, or another of ns, us, ms, m, h", text, text));
  }
  const auto factor = find_unit(duration_units, parts->unit);
  if (!factor) {
    return usage_error(fmt::format("\"{}\" has an unknown unit \"{}\"; use ns, us, ms, s, m or h",
                                   text, parts->unit));
  }
  const double nanoseconds = std::round(parts->number * static_cast<double>(*factor));
  if (nanoseconds > static_cast<double>(duration_max.count())) {
    return usage_error(fmt::format("\"{}\" is longer than a year", text));
  }
  return std::chrono::nanoseconds(static_cast<std::int64_t>(nanoseconds));
}

Checked<std::chrono::nanoseconds> parse_time_limit(std::string_view text) {
  const auto duration = parse_duration(text);
  if (!duration) return std::unexpected(duration.error());
  if (*duration < std::chrono::milliseconds(1) || *duration > std::chrono::hours(24)) {
    return usage_error(fmt::format("\"{}\" is out of range (1ms to 24h)", text));
  }
  return *duration;
}

double in_seconds(std::chrono::nanoseconds duration) noexcept {
  return std::chrono::duration<double>(duration).count();
}

std::string format_duration(std::chrono::nanoseconds duration, TextStyle style) {
  struct Scale {
    double factor;
    std::string_view name;
  };
  const std::array scales = {Scale{1, "ns"}, Scale{1e3, style.utf8 ? "µs" : "us"}, Scale{1e6, "ms"},
                             Scale{1e9, "s"}};
  const auto nanoseconds = static_cast<double>(duration.count());
  if (duration.count() < 1000) return fmt::format("{} ns", duration.count());
  for (const Scale& scale : scales) {
    const double value = nanoseconds / scale.factor;
    // 999.6 us would round to "1000 us", 9.96 to "10.0": round first, then choose the form.
    if (&scale != &scales.back() && std::round(value) >= 1000) continue;
    if (std::round(value * 10) < 100) return fmt::format("{:.1f} {}", value, scale.name);
    return fmt::format("{:.0f} {}", value, scale.name);
  }
  return {};
}

std::string format_seconds(std::chrono::nanoseconds duration) {
  const double seconds = in_seconds(duration);
  const int decimals = seconds < 9.995 ? 2 : seconds < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f} s", seconds, decimals);
}

}  // namespace weir::tools
