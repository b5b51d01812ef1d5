// A latency as JSON: its percentiles for readers, its histogram for programs, which can merge the
// histograms of several runs exactly.
#pragma once

#include <expected>
#include <string>

#include <nlohmann/json.hpp>

#include "tools/weir/common/json_text.h"
#include "tools/weir/load/report/latency_rows.h"

namespace weir::tools::load {

[[nodiscard]] Json latency_json(const LoadReport& report, const LatencyRow& row);

/// The samples that `latency_json` was made of. Null has none. The error is a clause.
[[nodiscard]] std::expected<CensoredHistogram, std::string> latency_from_json(const Json& json);

}  // namespace weir::tools::load
