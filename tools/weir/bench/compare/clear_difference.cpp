#include "tools/weir/bench/compare/clear_difference.h"

#include <algorithm>

namespace weir::tools::bench {
namespace {

/// Whether all of `more` lies above all of `less`, by more than either is wide.
bool is_clearly_more(const Spread& more, const Spread& less, double median_ratio_min) noexcept {
  const double width = std::max(more.high - more.low, less.high - less.low);
  return more.low - less.high > width && more.median > median_ratio_min * less.median;
}

}  // namespace

load::ComparisonVerdict clear_difference(const Spread& before, const Spread& after,
                                         DifferenceRule rule) noexcept {
  using enum load::ComparisonVerdict;
  const bool is_more_better = rule.better == load::BetterWhen::higher;
  if (is_clearly_more(after, before, rule.median_ratio_min))
    return is_more_better ? faster : slower;
  if (is_clearly_more(before, after, rule.median_ratio_min))
    return is_more_better ? slower : faster;
  return no_difference_shown;
}

}  // namespace weir::tools::bench
