#include "tools/weir/serve/service_time.h"

#include <cmath>

#include <fmt/format.h>

#include "tools/weir/common/duration.h"
#include "tools/weir/common/split_mix.h"

namespace weir::tools::serve {
namespace {

/// Below it the turn of the loop that ends a service would be a noticeable part of it.
constexpr Duration mean_min = std::chrono::microseconds(10);
constexpr Duration mean_max = std::chrono::seconds(10);

}  // namespace

Checked<ServiceTime> parse_service_time(std::string_view text) {
  constexpr std::string_view fixed = "fixed:";
  constexpr std::string_view exponential = "exp:";
  ServiceTime time;
  std::string_view mean;
  if (text.starts_with(fixed)) {
    mean = text.substr(fixed.size());
  } else if (text.starts_with(exponential)) {
    time.shape = ServiceTime::Shape::exponential;
    mean = text.substr(exponential.size());
  } else {
    return usage_error(fmt::format(
        "\"{}\" is no service time; write fixed:TIME or exp:TIME, such as fixed:200us", text));
  }
  const auto parsed = parse_duration(mean);
  if (!parsed) return std::unexpected(parsed.error());
  if (*parsed < mean_min || *parsed > mean_max) {
    return usage_error(fmt::format("\"{}\" is out of range (10us to 10s)", mean));
  }
  time.mean = *parsed;
  return time;
}

Duration ServiceTimeDraws::next() noexcept {
  if (time_.shape == ServiceTime::Shape::fixed) return time_.mean;
  // 53 bits are what a double holds: u is in [0, 1), so the logarithm is finite.
  const double u = static_cast<double>(next_split_mix(state_) >> 11) * 0x1p-53;
  const double nanoseconds = -std::log1p(-u) * static_cast<double>(time_.mean.count());
  return Duration(std::llround(nanoseconds));
}

}  // namespace weir::tools::serve
