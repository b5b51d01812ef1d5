// What a job measures with: one run, judged. Injected, so that jobs are tested on servers that are
// formulas.
#pragma once

#include <expected>
#include <functional>
#include <string>

#include "tools/weir/load/cli/options.h"
#include "tools/weir/load/report/report.h"

namespace weir::tools::load {

/// The error is a sentence about why there could be no run at all.
using Runner = std::function<std::expected<LoadReport, std::string>(const Options& options)>;

}  // namespace weir::tools::load
