// `weir demo`: an echo server and a load on it, on each backend in turn, side by side.
#pragma once

#include "tools/weir/common/exit_code.h"
#include "tools/weir/demo/options.h"

namespace weir::tools::demo {

[[nodiscard]] ExitCode run(const Options& options);

}  // namespace weir::tools::demo
