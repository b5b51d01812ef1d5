// The run second by second for spreadsheets: RFC 4180 without quotes, as nothing here needs any.
#pragma once

#include <string>

#include "tools/weir/load/report/report.h"

namespace weir::tools::load {

/// A line of names, each with its unit where it has one, then a line a second, which starts with
/// its end in seconds since measuring began. Lines end with a line feed.
[[nodiscard]] std::string report_csv(const LoadReport& report);

}  // namespace weir::tools::load
