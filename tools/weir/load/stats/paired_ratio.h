// The ratio of two things measured in pairs, with a confidence interval. On a shared machine two
// runs of one program differ by a tenth and more, in regimes that last for seconds; measuring both
// right after each other and comparing within the pair cancels that.
//
// The estimate is Hodges and Lehmann's, the median of all pairwise means of the log ratios: nearly
// as precise as the mean, and deaf to outliers. Logarithms make a / b and b / a reciprocal. The
// interval is a percentile bootstrap over the rounds. tools/dev/paired_ratio.py defines the same
// for the benches, with other random numbers.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "weir/base/result.h"

namespace weir::tools::load {

/// a / b with its 95 % confidence interval.
struct PairedRatio {
  double estimate = 1;
  double low = 1;
  double high = 1;
  std::size_t pairs = 0;

  [[nodiscard]] double half_width() const noexcept { return (high - low) / 2; }
  /// Of one program beside itself (A/A): what differs for no reason, in each round or in all.
  [[nodiscard]] double noise() const noexcept {
    return std::max(half_width(), std::abs(estimate - 1));
  }
  bool operator==(const PairedRatio&) const = default;
};

/// log(a[i] / b[i]). Errors: `Error::option_invalid` if there are not as many of both, or none, or
/// more than 500, or one is not a positive number.
[[nodiscard]] Result<std::vector<double>> log_ratios(std::span<const double> a,
                                                     std::span<const double> b);

/// Median of the means of all pairs, each value paired with itself too.
[[nodiscard]] double hodges_lehmann(std::span<const double> values);

/// The same input gives the same interval, whatever compiler and library: 10 000 resamples with
/// random numbers that the standard defines to the bit. Takes 0.1 s for 75 rounds, 0.6 s for 200.
///
/// \param log_ratios  at least one
[[nodiscard]] PairedRatio ratio_of_logs(std::span<const double> log_ratios);

/// Both steps. Errors: see `log_ratios`.
[[nodiscard]] Result<PairedRatio> paired_ratio(std::span<const double> a,
                                               std::span<const double> b);

}  // namespace weir::tools::load
