// `weir load selftest`.
#pragma once

#include "tools/weir/common/exit_code.h"
#include "tools/weir/load/cli/validate.h"

namespace weir::tools::load {

/// What is measured next on stderr, the table on stdout, all of it in `-o FILE`.
[[nodiscard]] ExitCode run_selftest(const JobOptions& job);

}  // namespace weir::tools::load
