// `weir exec`: from raw flags to options. Pure: asks neither the system nor the network.
#pragma once

#include "tools/weir/common/usage_error.h"
#include "tools/weir/exec/options.h"
#include "tools/weir/exec/parse.h"

namespace weir::tools::exec {

[[nodiscard]] Checked<Options> validate(const RawFlags& flags);

}  // namespace weir::tools::exec
