// A latency-throughput curve as a page: several runs, each at its rate.
#pragma once

#include <span>
#include <string>

#include "tools/weir/load/report/report.h"

namespace weir::tools::load {

/// The curve, a row a run, and all their JSON in an array. In the order of `reports`.
[[nodiscard]] std::string sweep_html(std::span<const LoadReport> reports);

}  // namespace weir::tools::load
