// Ratios as a picture, in SVG inside HTML: markup only, so that it shows without scripts and
// prints. Colours are the page's (html_page.h).
#pragma once

#include <string>

#include "tools/weir/bench/rounds/suite_result.h"

namespace weir::tools::bench {

/// A bar for each comparison of a case in one metric, from 1 to its estimate, with its interval:
///
///     weir_uring / raw_epoll*   1.019  |--o--|      a tick where the target is
///
/// Empty if there is none.
[[nodiscard]] std::string ratio_bars(const CaseResult& result, SuiteMetric metric);

/// Every round's ratio to the better raw loop as a point, over a band as wide as A/A. Empty if
/// there is none.
[[nodiscard]] std::string round_strip(const CaseResult& result, SuiteMetric metric);

}  // namespace weir::tools::bench
