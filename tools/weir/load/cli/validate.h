// `weir load`: from raw flags to options. Pure: asks neither the system nor the network.
#pragma once

#include "tools/weir/common/usage_error.h"
#include "tools/weir/load/cli/options.h"
#include "tools/weir/load/cli/parse.h"

namespace weir::tools::load {

[[nodiscard]] Checked<Options> validate(const RawFlags& flags);

}  // namespace weir::tools::load
