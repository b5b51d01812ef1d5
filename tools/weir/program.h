// The program without its process: the sub-commands behind one command line.
#pragma once

#include <string>
#include <vector>

#include "tools/weir/common/exit_code.h"

namespace weir::tools {

/// \param arguments  without the program's name
[[nodiscard]] ExitCode run_program(const std::vector<std::string>& arguments);

}  // namespace weir::tools
