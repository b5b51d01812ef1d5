// Durations as people write and read them: `10s`, `500ms`, `61 us`.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "tools/weir/common/text_style.h"
#include "tools/weir/common/usage_error.h"

namespace weir::tools {

/// Reads a decimal number directly followed by its unit: ns, us, ms, s, m or h. A bare number is
/// refused, because tools disagree about its unit. At most one year.
[[nodiscard]] Checked<std::chrono::nanoseconds> parse_duration(std::string_view text);

/// The same for how long something may take: 1ms to 24h.
[[nodiscard]] Checked<std::chrono::nanoseconds> parse_time_limit(std::string_view text);

[[nodiscard]] double in_seconds(std::chrono::nanoseconds duration) noexcept;

/// Two or three significant digits and a unit: `850 ns`, `2.6 ms`, `198 us`, `12 s`.
[[nodiscard]] std::string format_duration(std::chrono::nanoseconds duration, TextStyle style);

/// Seconds with so many digits that short runs differ: `0.50 s`, `10.0 s`, `3600 s`.
[[nodiscard]] std::string format_seconds(std::chrono::nanoseconds duration);

}  // namespace weir::tools
