// The Nagle study for the terminal.
#pragma once

#include <string>

#include "tools/weir/bench/nagle/study.h"

namespace weir::tools::bench {

/// Two tables for each scenario and path, times and costs, of at most 100 columns.
[[nodiscard]] std::string study_table(const StudyResult& result);

}  // namespace weir::tools::bench
