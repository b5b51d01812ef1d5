// Whether two runs differ where each has a few measurements and nothing beside it that they could
// be a ratio to: of the Nagle study, and of the micro benchmarks.
//
//     then   |--o--|
//     now                  |---o---|       a gap wider than either run: a difference
//
// With three measurements in each, all of one lie above all of the other in one of twenty pairs by
// chance alone; the gap and a least ratio of the medians make that rare enough for dozens of pairs.
#pragma once

#include "tools/weir/bench/nagle/cell_metrics.h"
#include "tools/weir/load/stats/paired_comparison.h"

namespace weir::tools::bench {

struct DifferenceRule {
  load::BetterWhen better = load::BetterWhen::lower;
  double median_ratio_min = 1;  ///< what the machine's mood does between two runs
};

/// `faster`, `slower`, or `no_difference_shown`.
[[nodiscard]] load::ComparisonVerdict clear_difference(const Spread& before, const Spread& after,
                                                       DifferenceRule rule) noexcept;

}  // namespace weir::tools::bench
