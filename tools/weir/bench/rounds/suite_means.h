// What each weir is to each library over all cases of a suite, in the geometric mean, and what the
// better raw loop of each case is to it, which is what a bare loop reaches.
//
// A round of the suite is the same round of each of its cases: its value is the geometric mean of
// theirs. So a mean has an interval over the rounds, an A/A pair, and a verdict by the same rule as
// that of a case. Where cases have different numbers of rounds, the first of each count. A
// case that failed is left out, whatever it measured before.
#pragma once

#include <span>
#include <vector>

#include "tools/weir/bench/rounds/suite_result.h"

namespace weir::tools::bench {

[[nodiscard]] std::vector<SuiteMean> means_of(std::span<const CaseResult> cases);

}  // namespace weir::tools::bench
