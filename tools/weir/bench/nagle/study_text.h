// The Nagle study for the terminal and as a page.
#pragma once

#include <string>

#include "tools/weir/bench/nagle/study.h"

namespace weir::tools::bench {

/// A table for each scenario and path, at most 100 columns.
[[nodiscard]] std::string study_table(const StudyResult& result);

/// What was found, as a page in Markdown: the findings, what was left out, the tables.
/// \param machine  a line on where it was measured
/// \param command  the command line that makes it again
[[nodiscard]] std::string study_page(const StudyResult& result, const std::string& machine,
                                     const std::string& command);

}  // namespace weir::tools::bench
