// The lines of a report between its latencies and its judgement: what became of requests and
// connections, what the generator and the host did, what went wrong first.
#pragma once

#include <string>

#include "tools/weir/common/text_style.h"
#include "tools/weir/load/report/report.h"

namespace weir::tools::load {

[[nodiscard]] std::string run_details(const LoadReport& report, TextStyle style);

}  // namespace weir::tools::load
