// Which job is which function.
#pragma once

#include <string>
#include <vector>

#include "tools/weir/common/exit_code.h"
#include "tools/weir/load/cli/validate.h"

namespace weir::tools::load {

/// Checks what the system has to have for it, then does it.
[[nodiscard]] ExitCode run_job(const JobOptions& job, const std::vector<std::string>& arguments);

}  // namespace weir::tools::load
