// Runs `weir bench`.
#pragma once

#include <string>
#include <vector>

#include "tools/weir/bench/options.h"
#include "tools/weir/common/exit_code.h"

namespace weir::tools::bench {

/// \param arguments  the command line, for the reports
[[nodiscard]] ExitCode run(const Options& options, const std::vector<std::string>& arguments);

}  // namespace weir::tools::bench
