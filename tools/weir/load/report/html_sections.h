// The parts of an HTML report, as markup: each empty where the run has nothing for it.
#pragma once

#include <string>
#include <string_view>

#include "tools/weir/load/report/report.h"

namespace weir::tools::load {

/// `good`, `warn` or `bad`: the class of markup that shows a verdict.
[[nodiscard]] std::string_view verdict_class(Verdict verdict) noexcept;

[[nodiscard]] std::string latency_section(const LoadReport& report);
[[nodiscard]] std::string trust_section(const LoadReport& report);
[[nodiscard]] std::string slo_section(const LoadReport& report);
/// What became of requests, datagrams and connections, and what went wrong.
[[nodiscard]] std::string counts_section(const LoadReport& report);
/// Where it ran, and with which command line.
[[nodiscard]] std::string environment_section(const LoadReport& report);

}  // namespace weir::tools::load
