// `weir exec`: sends one command, prints its output, ends as it ended.
#pragma once

#include "tools/weir/common/exit_code.h"
#include "tools/weir/exec/options.h"

namespace weir::tools::exec {

[[nodiscard]] ExitCode run(const Options& options);

}  // namespace weir::tools::exec
