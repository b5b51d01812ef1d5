// `weir load`: measures, then reports.
#pragma once

#include <string>
#include <vector>

#include "tools/weir/common/exit_code.h"
#include "tools/weir/load/cli/validate.h"

namespace weir::tools::load {

/// The report goes to stdout (as JSON if that is where `-o -` wants it), progress to stderr.
[[nodiscard]] ExitCode run(const JobOptions& job, const std::vector<std::string>& arguments);

}  // namespace weir::tools::load
