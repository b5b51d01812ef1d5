// Offered rates as people write them: `20k`, `1M/s`, `300/m`, and from one to another `1k..20k`.
#pragma once

#include <string_view>

#include "tools/weir/common/usage_error.h"

namespace weir::tools::load {

/// Requests a second, `first` at the beginning and `last` at the end: equal unless it is a ramp.
struct RateRange {
  double first;
  double last;

  bool operator==(const RateRange&) const = default;
};

/// A nanosecond for each request; what is asked for beyond is a typing error.
inline constexpr double rate_max_per_second = 1e9;
/// One request in 1000 hours.
inline constexpr double rate_min_per_second = 0.001 / 3600;

/// Reads a decimal number, k or M for thousands and millions, and the time it is for: /s, which may
/// be left out, /m or /h. A rate of 0 sends nothing and is refused.
/// \returns  requests a second
[[nodiscard]] Checked<double> parse_rate(std::string_view text);

/// The same where load may pause, as in steps and shapes: 0 is a rate too.
[[nodiscard]] Checked<double> parse_rate_or_pause(std::string_view text);

/// Reads a rate, or a ramp `R1..R2` that starts at one and ends at the other. One of the two may
/// be 0.
[[nodiscard]] Checked<RateRange> parse_rate_range(std::string_view text);

}  // namespace weir::tools::load
