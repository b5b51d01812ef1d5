// The Nagle study as a page in Markdown: what it is about, the findings with the plots, what was
// left out, the tables.
#pragma once

#include <string>

#include "tools/weir/bench/nagle/study.h"

namespace weir::tools::bench {

/// \param machine  a line on where it was measured
/// \param command  the command line that makes it again
[[nodiscard]] std::string study_page(const StudyResult& result, const std::string& machine,
                                     const std::string& command);

}  // namespace weir::tools::bench
