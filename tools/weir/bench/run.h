// `weir bench`.
#pragma once

#include <string>
#include <vector>

#include "tools/weir/bench/validate.h"
#include "tools/weir/common/exit_code.h"

namespace weir::tools::bench {

/// \param arguments  the command line without the program's name, for reports
[[nodiscard]] ExitCode run(const Job& job, const std::vector<std::string>& arguments);

}  // namespace weir::tools::bench
