// Latency by percentile, a curve for each contender of a case, over all rounds together.
//
// The percentiles' axis is one of nines, the latency's logarithmic. A percentile with fewer than
// ten samples beyond it is not drawn. weir's second name is left out: A/A is in the ratios.
#pragma once

#include <string>

#include "tools/weir/bench/rounds/suite_result.h"

namespace weir::tools::bench {

/// Markup for an HTML page (html_page.h); empty if no contender has enough samples.
[[nodiscard]] std::string latency_curves(const CaseResult& result);

}  // namespace weir::tools::bench
