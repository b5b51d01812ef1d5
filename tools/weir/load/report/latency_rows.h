// The latencies of a report that have samples, each under its names: the rows of every table.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "tools/weir/load/report/report.h"
#include "tools/weir/load/stats/percentile_interval.h"

namespace weir::tools::load {

struct LatencyRow {
  std::string_view key;      ///< in JSON: `kernel_rtt`
  std::string_view name;     ///< for people: `kernel RTT`
  std::string_view meaning;  ///< from when to when: `sent to answered`
  CensoredHistogram samples;
  bool is_primary = false;
};

/// From the whole to its parts, `response` first.
[[nodiscard]] std::vector<LatencyRow> latency_rows(const LoadReport& report);

/// The primary latency's interval also looks at how the seconds of the run differ.
[[nodiscard]] std::optional<PercentileEstimate> estimate(const LoadReport& report,
                                                         const LatencyRow& row, double percentile);

}  // namespace weir::tools::load
