// What a run is judged by, in words: whether it is to be believed, and whether it reached what it
// had to.
#pragma once

#include <string>
#include <string_view>

#include "tools/weir/common/text_style.h"
#include "tools/weir/load/report/report.h"

namespace weir::tools::load {

/// A number of a trust check: `19 us`, `2.1 %`, `1 204`. `unit` is ns, ratio or count.
[[nodiscard]] std::string format_measure(double value, std::string_view unit, TextStyle style);
/// `198 us`, `>= 5.0 s`, `0.02 %`, `20 000/s`
[[nodiscard]] std::string format_slo_value(const SloResult& result, TextStyle style);
/// `send lag`: the rule for people.
[[nodiscard]] std::string trust_rule_name(TrustRule rule);

/// One line if the run is to be believed, else a loud one for each rule that says no; then notes.
[[nodiscard]] std::string trust_lines(const LoadReport& report, TextStyle style);
/// A line for each condition.
[[nodiscard]] std::string slo_lines(const LoadReport& report, TextStyle style);

}  // namespace weir::tools::load
