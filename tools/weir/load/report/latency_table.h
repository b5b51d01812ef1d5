// The latencies as a table of text: a row each, a column a percentile.
#pragma once

#include <array>
#include <string>

#include "tools/weir/common/text_style.h"
#include "tools/weir/load/report/latency_rows.h"

namespace weir::tools::load {

/// The columns of every table before the maximum.
inline constexpr std::array table_percentiles = {50.0, 90.0, 99.0, 99.9, 99.99};

/// `198 us`; `(930 us)` if it hangs on single samples; `>= 5.0 s` if the truth may be more.
[[nodiscard]] std::string latency_cell(const PercentileEstimate& estimate, TextStyle style);
[[nodiscard]] std::string latency_cell(const CensoredValue& value, TextStyle style);
/// Of a percentile that is shown by itself; `-` without samples.
[[nodiscard]] std::string percentile_cell(const CensoredHistogram& samples, double percentile,
                                          TextStyle style);

/// Table, what its rows mean, intervals, bars; empty if nothing was measured. At most 80 columns.
[[nodiscard]] std::string latency_table(const LoadReport& report, TextStyle style);

}  // namespace weir::tools::load
