// The suite over UDP: echo one by one and in trains, and one way.
#pragma once

#include <vector>

#include "tools/weir/bench/options.h"
#include "tools/weir/bench/rounds/suite_case.h"
#include "tools/weir/bench/suites/programs.h"

namespace weir::tools::bench {

[[nodiscard]] std::vector<CaseSpec> udp_cases(const Programs& programs, Effort effort);

}  // namespace weir::tools::bench
