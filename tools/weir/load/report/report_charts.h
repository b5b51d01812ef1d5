// The charts of a report, as markup. Each is empty where there is too little to draw.
#pragma once

#include <span>
#include <string>

#include "tools/weir/load/report/report.h"

namespace weir::tools::load {

/// Every latency, value by percentile, on an axis of 1 / (1 - p): the tail gets the room.
[[nodiscard]] std::string percentile_chart(const LoadReport& report);
/// Offered and answered, second by second.
[[nodiscard]] std::string rate_chart(const LoadReport& report);
/// Percentiles of the primary latency, second by second.
[[nodiscard]] std::string latency_chart(const LoadReport& report);
/// Latency by rate, a point a run, in the order of their rates.
[[nodiscard]] std::string throughput_latency_chart(std::span<const LoadReport> reports);

}  // namespace weir::tools::load
