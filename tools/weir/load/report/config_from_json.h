// What `config_json` and `environment_json` wrote, read back as far as reports and their JSON need
// it: options, arguments, version, machine.
//
// Not all of the load comes back: a shape is one rate, the average, and requests are not generated
// from it. What a report prints about them it has in words.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "tools/weir/common/json_text.h"
#include "tools/weir/load/report/report.h"

namespace weir::tools::load {

void read_config(const Json& config, LoadReport& report);
void read_environment(const Json& environment, LoadReport& report);

}  // namespace weir::tools::load
