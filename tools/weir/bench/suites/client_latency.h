// The latencies that a hand-written client of bench/peers wrote of a run: from send to answer, in
// buckets 3 % wide.
//
//     {..., "latency_ns": [[11007, 2], [11263, 40], ...], ...}
//                            |      |
//                            at most so many ns took so many requests
#pragma once

#include <expected>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "tools/weir/bench/rounds/cell_latency.h"

namespace weir::tools::bench {

/// Every request enters at the end of its bucket. The error is a sentence without a full stop.
[[nodiscard]] std::expected<CellLatency, std::string> client_latency(const nlohmann::json& result);

}  // namespace weir::tools::bench
