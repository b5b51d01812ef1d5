// From the rounds of a case to ratios: each weir over the raw loops and the libraries, and over
// itself (A/A).
#pragma once

#include "tools/weir/bench/rounds/suite_result.h"

namespace weir::tools::bench {

/// Fills `comparisons` and `no_change` of a case from the samples of its contenders.
void compare_contenders(CaseResult& result);

}  // namespace weir::tools::bench
