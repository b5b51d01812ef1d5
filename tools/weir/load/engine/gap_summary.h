// What the gaps of the parts of a schedule say about the whole.
#pragma once

#include <cstddef>

#include "tools/weir/load/plan/gap_statistics.h"
#include "tools/weir/load/report/report.h"

namespace weir::tools::load {

/// \param gaps   of all parts, merged
/// \param parts  each had every n-th request
[[nodiscard]] GapSummary summary_of(const GapStatistics& gaps, const Options& options,
                                    std::size_t parts);

}  // namespace weir::tools::load
