// `weir load demo`: a run that needs nothing else: it brings its own server.
#pragma once

#include <string>
#include <vector>

#include "tools/weir/common/exit_code.h"
#include "tools/weir/load/cli/options.h"

namespace weir::tools::load {

/// Starts an echo server in a process of its own, runs against it, and ends it.
[[nodiscard]] ExitCode run_demo(Options options, const std::vector<std::string>& arguments);

}  // namespace weir::tools::load
