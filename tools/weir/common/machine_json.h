// The machine as JSON: what every report says of where it was made.
#pragma once

#include "tools/weir/common/json_text.h"
#include "tools/weir/common/machine.h"

namespace weir::tools {

[[nodiscard]] Json machine_json(const Machine& machine);

}  // namespace weir::tools
