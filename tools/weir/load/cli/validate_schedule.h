// The flags that say when requests are due.
#pragma once

#include "tools/weir/common/usage_error.h"
#include "tools/weir/load/cli/options.h"
#include "tools/weir/load/cli/parse.h"

namespace weir::tools::load {

/// Without any of them, and without --closed: 1000 a second, Poisson.
/// \param options  has the duration, and the target's transport
[[nodiscard]] Checked<void> apply_schedule(const RawFlags& flags, Options& options);

}  // namespace weir::tools::load
