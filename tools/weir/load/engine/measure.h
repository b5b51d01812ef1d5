// A run from the first connect to the last answer.
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "tools/weir/load/cli/options.h"
#include "tools/weir/load/report/report.h"
#include "tools/weir/load/screen/progress.h"

namespace weir::tools::load {

/// Told once a second while the run goes on.
using ProgressSink = std::function<void(const ProgressSample&)>;

/// Runs the load on a runtime of its own. A run in which nothing succeeded is a report too; the
/// error is a sentence about why there could be no run at all. SIGINT and SIGTERM end the run
/// early.
[[nodiscard]] std::expected<LoadReport, std::string> measure(const Options& options,
                                                             const ProgressSink& progress);

}  // namespace weir::tools::load
