// One run with its judgement: what every job is made of.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "tools/weir/load/cli/options.h"
#include "tools/weir/load/engine/measure.h"
#include "tools/weir/load/report/report.h"

namespace weir::tools::load {

/// Measures, then checks trust and goals. The error is a sentence about why there could be no run.
/// \param arguments  the command line, for the report
[[nodiscard]] std::expected<LoadReport, std::string> run_once(
    const Options& options, const RunSinks& sinks, const std::vector<std::string>& arguments);

}  // namespace weir::tools::load
