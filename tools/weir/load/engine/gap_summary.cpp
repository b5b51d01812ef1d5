#include "tools/weir/load/engine/gap_summary.h"

#include <cmath>

namespace weir::tools::load {

GapSummary summary_of(const GapStatistics& gaps, const Options& options, std::size_t parts) {
  GapSummary summary{.count = gaps.count(), .parts = parts, .cv = gaps.variation()};
  const OpenLoad& open = *options.open;
  const bool has_one_rate =
      !open.trace_path && open.shape.rate_at({}) == open.shape.rate_max() &&
      open.shape.rate_at(open.shape.duration() - std::chrono::nanoseconds(1)) ==
          open.shape.rate_max();
  if (!has_one_rate || gaps.count() == 0) return summary;
  const auto n = static_cast<double>(parts);
  summary.mean_ratio = gaps.mean() / (n * 1e9 / open.shape.rate_max());
  // Every n-th of independent gaps: sums of n. Bursts are not independent, and one part of several
  // says nothing simple about them.
  const bool is_burst = open.arrival.kind == Arrival::Kind::burst;
  if (!is_burst || parts == 1) summary.cv_wanted = gap_variation(open.arrival) / std::sqrt(n);
  return summary;
}

}  // namespace weir::tools::load
