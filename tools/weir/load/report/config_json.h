// What was asked for, and where it ran, as JSON: enough to repeat the run, and to print its report
// again (config_from_json.h).
#pragma once

#include <nlohmann/json.hpp>

#include "tools/weir/common/json_text.h"
#include "tools/weir/load/report/report.h"

namespace weir::tools::load {

[[nodiscard]] Json config_json(const LoadReport& report);
[[nodiscard]] Json environment_json(const LoadReport& report);

}  // namespace weir::tools::load
