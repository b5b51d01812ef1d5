#include "tools/weir/demo/validate.h"

#include <fmt/format.h>

#include "tools/weir/common/duration.h"
#include "tools/weir/common/flag_check.h"

namespace weir::tools::demo {
namespace {

// Below this a round is over before the first connections have settled.
constexpr std::chrono::nanoseconds duration_min = std::chrono::seconds(1);
constexpr std::chrono::nanoseconds duration_max = std::chrono::hours(1);

Checked<std::chrono::nanoseconds> parse_demo_duration(std::string_view text) {
  auto duration = parse_duration(text);
  if (duration && (*duration < duration_min || *duration > duration_max)) {
    return usage_error(fmt::format("{} is out of range (1s to 1h)", text));
  }
  return duration;
}

}  // namespace

Checked<Options> validate(const RawFlags& flags) {
  Options options;
  UsageError error;
  if (!check_flag("--duration", flags.duration, parse_demo_duration, options.duration, error)) {
    return std::unexpected(error);
  }
  return options;
}

}  // namespace weir::tools::demo
