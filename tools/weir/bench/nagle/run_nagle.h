// `weir bench nagle`: runs the study, prints it and writes its files.
#pragma once

#include <string>

#include "tools/weir/bench/options.h"
#include "tools/weir/common/exit_code.h"

namespace weir::tools::bench {

/// \param command  what a reader types to do the same
[[nodiscard]] ExitCode run_nagle(const Options& options, const std::string& machine,
                                 const std::string& command);

}  // namespace weir::tools::bench
