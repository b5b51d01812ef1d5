// `weir serve`: runs a service until a signal drains it.
#pragma once

#include "tools/weir/common/exit_code.h"
#include "tools/weir/serve/options.h"

namespace weir::tools::serve {

/// Prints `READY ADDRESS` on stdout once it accepts, and a one-line summary at the end.
[[nodiscard]] ExitCode run(const Options& options);

}  // namespace weir::tools::serve
