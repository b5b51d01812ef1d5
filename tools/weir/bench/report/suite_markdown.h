// The result of suites as Markdown tables, as docs/benchmarks.md has them.
#pragma once

#include <string>

#include "tools/weir/bench/rounds/suite_result.h"

namespace weir::tools::bench {

[[nodiscard]] std::string suite_markdown(const SuiteResult& result, const std::string& machine,
                                         const std::string& command);

}  // namespace weir::tools::bench
