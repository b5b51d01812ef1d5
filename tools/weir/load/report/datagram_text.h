// The part of the text that a run with datagrams has beyond that of one with streams.
#pragma once

#include <string>

#include "tools/weir/common/text_style.h"
#include "tools/weir/load/report/report.h"

namespace weir::tools::load {

/// Rates, and what became of the datagrams. `report.datagrams` is there.
[[nodiscard]] std::string datagram_details(const LoadReport& report, TextStyle style);

/// "Who lost what", from us to the server; empty if nothing was dropped, or it is no run with
/// datagrams.
[[nodiscard]] std::string losses_text(const LoadReport& report);

}  // namespace weir::tools::load
