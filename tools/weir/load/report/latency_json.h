// A latency as JSON: its percentiles for readers, its histogram for programs, which can merge the
// histograms of several runs exactly.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "tools/weir/common/json_text.h"
#include "tools/weir/load/report/latency_rows.h"

namespace weir::tools::load {

/// What is known of a percentile of the samples: whoever has batches of them says more of how far
/// it can be trusted.
using PercentileLookup = std::function<std::optional<PercentileEstimate>(double percentile)>;

[[nodiscard]] Json latency_json(const CensoredHistogram& samples, const PercentileLookup& lookup);
[[nodiscard]] Json latency_json(const LoadReport& report, const LatencyRow& row);

/// The samples that `latency_json` was made of. Null has none. The error is a clause.
[[nodiscard]] std::expected<CensoredHistogram, std::string> latency_from_json(const Json& json);

}  // namespace weir::tools::load
