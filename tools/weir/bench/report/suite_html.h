// The result of suites as one HTML file that asks for nothing else: tables, ratio bars with their
// intervals, rounds as strips over the A/A band, latency by percentile, the environment, and the
// commands that made each number. The JSON is inside.
#pragma once

#include <string>

#include "tools/weir/bench/rounds/suite_result.h"

namespace weir::tools::bench {

[[nodiscard]] std::string suite_html(const SuiteResult& result, const std::string& machine,
                                     const std::string& command, const std::string& json);

}  // namespace weir::tools::bench
