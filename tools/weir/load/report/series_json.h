// The run second by second as JSON: the names of the columns, then rows of numbers. Times are in
// nanoseconds, shares in parts of 1.
#pragma once

#include <nlohmann/json.hpp>

#include "tools/weir/common/json_text.h"
#include "tools/weir/load/report/report.h"

namespace weir::tools::load {

[[nodiscard]] Json series_json(const LoadReport& report);
/// The other way; columns with unknown names are left out.
[[nodiscard]] SecondSeries series_from_json(const Json& json);

}  // namespace weir::tools::load
