// `weir load report F.json`: a result of before, printed again or in another form.
#pragma once

#include "tools/weir/common/exit_code.h"
#include "tools/weir/load/cli/validate.h"

namespace weir::tools::load {

/// Reads what a run wrote with `-o`, or a sweep: an array of runs.
[[nodiscard]] ExitCode run_report(const JobOptions& job);

}  // namespace weir::tools::load
