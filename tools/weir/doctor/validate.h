// `weir doctor`: from raw flags to options.
#pragma once

#include "tools/weir/common/usage_error.h"
#include "tools/weir/doctor/options.h"
#include "tools/weir/doctor/parse.h"

namespace weir::tools::doctor {

[[nodiscard]] Checked<Options> validate(const RawFlags& flags);

}  // namespace weir::tools::doctor
