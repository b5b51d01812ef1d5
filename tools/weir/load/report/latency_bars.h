// A histogram for the eye: a dozen rows, each as much slower than the one before by a constant
// factor, with the percentiles marked where they fall.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tools/weir/common/text_style.h"
#include "tools/weir/load/stats/histogram.h"

namespace weir::tools::load {

/// Values from `from` on, up to the next row. The first row also has everything below, the last one
/// everything above.
struct LatencyBar {
  std::chrono::nanoseconds from{};
  std::uint64_t count = 0;
  bool is_open_ended = false;  ///< the last one, if it has values that would be rows of their own
};

/// At most `rows_max` rows, spaced by the smallest of sqrt(2), 2, 4, ... that fits the middle 99.8
/// % of the values. Empty for an empty histogram.
[[nodiscard]] std::vector<LatencyBar> latency_bars(const Histogram& histogram,
                                                   std::size_t rows_max);

/// Lines of at most 80 columns, each ending in a newline.
[[nodiscard]] std::string draw_latency_bars(const Histogram& histogram, TextStyle style);

/// A proportional bar of at most `columns` columns: `#` in ASCII, eighths of blocks in UTF-8. What
/// is more than nothing is visible.
[[nodiscard]] std::string draw_bar(double share, std::size_t columns, TextStyle style);

}  // namespace weir::tools::load
