// `weir load sweep TARGET --rates LIST`.
#pragma once

#include <string>
#include <vector>

#include "tools/weir/common/exit_code.h"
#include "tools/weir/load/cli/validate.h"

namespace weir::tools::load {

/// A line a rate on stderr, the table on stdout, all runs in the files that are asked for.
[[nodiscard]] ExitCode run_sweep(const JobOptions& job, const std::vector<std::string>& arguments);

}  // namespace weir::tools::load
