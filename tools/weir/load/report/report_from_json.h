// Reading a report back from its JSON, to print it again or in another form.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "tools/weir/load/report/report.h"

namespace weir::tools::load {

/// Everything that text, CSV and HTML show comes back; of the options no more than that, so the
/// load itself cannot be repeated from it. Reports of later versions are read, without what they
/// added.
///
/// \returns  the report, or one clause that says why the text is none
[[nodiscard]] std::expected<LoadReport, std::string> report_from_json(std::string_view text);

}  // namespace weir::tools::load
