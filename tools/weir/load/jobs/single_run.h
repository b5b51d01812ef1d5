// `weir load TARGET`: one run, shown while it goes on, reported at its end.
#pragma once

#include <string>
#include <vector>

#include "tools/weir/common/exit_code.h"
#include "tools/weir/load/cli/options.h"

namespace weir::tools::load {

/// The report goes to stdout, unless an output is named "-"; progress and complaints to stderr.
[[nodiscard]] ExitCode run_single(const Options& options,
                                  const std::vector<std::string>& arguments);

}  // namespace weir::tools::load
