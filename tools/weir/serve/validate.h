// `weir serve`: from raw flags to options. Pure: asks neither the system nor the network.
#pragma once

#include "tools/weir/common/usage_error.h"
#include "tools/weir/serve/options.h"
#include "tools/weir/serve/parse.h"

namespace weir::tools::serve {

[[nodiscard]] Checked<Options> validate(const RawFlags& flags);

}  // namespace weir::tools::serve
