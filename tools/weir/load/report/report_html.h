// The report as a page: the same facts as the text, with charts, in one file that needs no network
// and no scripts.
#pragma once

#include <string>

#include "tools/weir/load/report/report.h"

namespace weir::tools::load {

[[nodiscard]] std::string report_html(const LoadReport& report);

/// What a reader wants to know first, in a sentence or two, as text.
[[nodiscard]] std::string verdict_sentence(const LoadReport& report);

}  // namespace weir::tools::load
