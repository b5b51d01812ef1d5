// A latency as lines of a chart by percentile, on an axis of 1 / (1 - p): the tail gets the room.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/weir/load/report/svg_chart.h"
#include "tools/weir/load/stats/censored_histogram.h"

namespace weir::tools::load {

struct PercentileWords {
  std::string line;   ///< in the legend
  std::string point;  ///< at a point, before its percentile
};

/// None without samples; else one line and, where values are only known from below, a second one
/// that goes on from it. Percentiles that people name have marks.
///
/// \param beyond_min  percentiles with fewer samples beyond them are left out; 0: up to the maximum
[[nodiscard]] std::vector<ChartLine> percentile_lines(const CensoredHistogram& samples,
                                                      const PercentileWords& words,
                                                      std::uint64_t beyond_min);

}  // namespace weir::tools::load
