// `weir load compare A B`.
#pragma once

#include <string>
#include <vector>

#include "tools/weir/common/exit_code.h"
#include "tools/weir/load/cli/validate.h"

namespace weir::tools::load {

/// A line a round on stderr, the table on stdout, every round in `-o FILE`.
[[nodiscard]] ExitCode run_compare(const JobOptions& job,
                                   const std::vector<std::string>& arguments);

}  // namespace weir::tools::load
