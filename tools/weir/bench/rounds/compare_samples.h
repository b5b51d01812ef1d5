// Two contenders by what each of them showed round by round.
#pragma once

#include <optional>
#include <span>

#include "tools/weir/bench/rounds/suite_result.h"

namespace weir::tools::bench {

/// Of one metric, element i from round i.
struct RoundSamples {
  std::span<const double> numerator;
  std::span<const double> denominator;
  std::span<const double> once{};   ///< of the program that takes part twice; may be empty
  std::span<const double> again{};  ///< of its other name
};

/// Ratio, verdict and noise; the names are the caller's. Nothing if there is no ratio.
[[nodiscard]] std::optional<SuiteComparison> compare_samples(const RoundSamples& samples,
                                                             SuiteMetric metric);

}  // namespace weir::tools::bench
