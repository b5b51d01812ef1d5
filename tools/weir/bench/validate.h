// From the flags of `weir bench` to what they mean.
#pragma once

#include "tools/weir/bench/options.h"
#include "tools/weir/bench/parse.h"
#include "tools/weir/common/usage_error.h"

namespace weir::tools::bench {

[[nodiscard]] Checked<Options> validate(const RawFlags& flags);

}  // namespace weir::tools::bench
