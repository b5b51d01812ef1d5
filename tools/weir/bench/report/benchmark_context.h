// The head of a result in Google Benchmark's format.
#pragma once

#include <string>

#include "tools/weir/common/json_text.h"
#include "tools/weir/common/machine.h"

namespace weir::tools::bench {

/// `date`, `executable`, `num_cpus` as Google Benchmark has them, and what its tools do not know:
/// `command`, `program`, `machine`.
[[nodiscard]] Json benchmark_context(const Machine& machine, const std::string& command);

}  // namespace weir::tools::bench
