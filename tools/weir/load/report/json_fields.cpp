#include "tools/weir/load/report/json_fields.h"

#include <algorithm>
#include <cmath>

namespace weir::tools::load {
namespace {

// Sums and differences of a few of these still fit, and they are exact as doubles.
constexpr double whole_max = 9007199254740992.0;  // 2^53
constexpr double nanoseconds_max = 1e18;

}  // namespace

const Json& field(const Json& json, std::string_view key) {
  static const Json nothing;
  if (!json.is_object()) return nothing;
  const auto found = json.find(std::string(key));
  return found == json.end() ? nothing : *found;
}

double double_of(const Json& json) {
  const double number = json.is_number() ? json.get<double>() : 0;
  return std::isfinite(number) ? number : 0;
}

std::uint64_t count_of(const Json& json) {
  if (json.is_number_unsigned()) {
    return std::min(json.get<std::uint64_t>(), static_cast<std::uint64_t>(whole_max));
  }
  return static_cast<std::uint64_t>(std::clamp(double_of(json), 0.0, whole_max));
}

std::chrono::nanoseconds nanoseconds_of(const Json& json) {
  return std::chrono::nanoseconds(
      std::llround(std::clamp(double_of(json), -nanoseconds_max, nanoseconds_max)));
}

std::chrono::nanoseconds seconds_of(const Json& json) {
  return std::chrono::nanoseconds(
      std::llround(std::clamp(double_of(json) * 1e9, -nanoseconds_max, nanoseconds_max)));
}

bool bool_of(const Json& json) { return json.is_boolean() && json.get<bool>(); }

std::string text_of(const Json& json) {
  return json.is_string() ? json.get<std::string>() : std::string();
}

}  // namespace weir::tools::load
