// A run from the first connect to the last answer.
#pragma once

#include <expected>
#include <functional>
#include <string>

#include "tools/weir/load/cli/options.h"
#include "tools/weir/load/report/report.h"
#include "tools/weir/load/screen/progress.h"

namespace weir::tools::load {

/// Who is told while a run goes on. Called on shard 0, between its turns: be quick.
struct RunSinks {
  /// Once a second; four times a second if `wants_quarters`.
  std::function<void(const ProgressSample&)> progress{};
  bool wants_quarters = false;
  /// What was measured in each second, the rest of the last one included.
  /// \param begin  of the interval, since the measured time began
  std::function<void(std::chrono::nanoseconds begin, std::chrono::nanoseconds length,
                     const Interval& interval)>
      interval{};
};

/// Runs the load on a runtime of its own. A run in which nothing succeeded is a report too; the
/// error is a sentence about why there could be no run at all. SIGINT and SIGTERM end the run
/// early.
[[nodiscard]] std::expected<LoadReport, std::string> measure(const Options& options,
                                                             const RunSinks& sinks);

}  // namespace weir::tools::load
