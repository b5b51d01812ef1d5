// A histogram of nanoseconds as JSON: its percentiles, not its buckets.
#pragma once

#include <nlohmann/json.hpp>

#include "tools/weir/common/json_text.h"
#include "tools/weir/load/stats/histogram.h"

namespace weir::tools::load {

[[nodiscard]] Json latency_json(const Histogram& latency);

}  // namespace weir::tools::load
