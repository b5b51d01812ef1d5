// Shapes as people write them: steps on the command line, points in a file.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "tools/weir/common/usage_error.h"
#include "tools/weir/load/plan/rate_shape.h"

namespace weir::tools::load {

inline constexpr std::size_t rate_steps_max = 1'000;
inline constexpr std::size_t rate_points_max = 100'000;
inline constexpr std::size_t rate_shape_bytes_max = std::size_t{8} << 20;

/// Reads `R,R,R@D`: each rate for the duration D. A rate of 0 is a pause.
[[nodiscard]] Checked<RateShape> parse_rate_steps(std::string_view text);

/// Reads the content of a shape file.
///
///     # time, rate
///     0s,1k              the first time is 0
///     60s,20k            linear from point to point
///     60s,5k             a time that comes twice is a jump
///     2m,0               a rate of 0 is a pause; the last time is the shape's duration
///
/// \param file  only named in errors, which are FILE:LINE: WHAT
[[nodiscard]] Checked<RateShape> parse_rate_points(std::string_view text, std::string_view file);

/// Reads a shape file of at most `rate_shape_bytes_max`.
[[nodiscard]] Checked<RateShape> load_rate_shape(const std::string& file);

}  // namespace weir::tools::load
