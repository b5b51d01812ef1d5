// The result of suites as JSON: Google Benchmark's fields, so that its tools read it, one entry a
// round and contender; and what Google Benchmark does not know, under `weir`.
#pragma once

#include <string>

#include "tools/weir/bench/rounds/suite_result.h"
#include "tools/weir/common/json_text.h"

namespace weir::tools::bench {

[[nodiscard]] Json suite_json(const SuiteResult& result, const std::string& command);

}  // namespace weir::tools::bench
