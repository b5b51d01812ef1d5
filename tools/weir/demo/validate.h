// `weir demo`: from raw flags to options. Pure.
#pragma once

#include "tools/weir/common/usage_error.h"
#include "tools/weir/demo/options.h"
#include "tools/weir/demo/parse.h"

namespace weir::tools::demo {

[[nodiscard]] Checked<Options> validate(const RawFlags& flags);

}  // namespace weir::tools::demo
