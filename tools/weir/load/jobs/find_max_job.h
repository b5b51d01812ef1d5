// `weir load find-max TARGET --slo GOALS`.
#pragma once

#include <string>
#include <vector>

#include "tools/weir/common/exit_code.h"
#include "tools/weir/load/cli/validate.h"

namespace weir::tools::load {

/// A line a trial on stderr, the result on stdout, all of it in `-o FILE`.
[[nodiscard]] ExitCode run_find_max(const JobOptions& job,
                                    const std::vector<std::string>& arguments);

}  // namespace weir::tools::load
