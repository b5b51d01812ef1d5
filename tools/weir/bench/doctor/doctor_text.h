// The findings of `weir bench doctor` as text.
#pragma once

#include <string>
#include <vector>

#include "tools/weir/common/text_style.h"
#include "tools/weir/doctor/limits.h"

namespace weir::tools::bench {

[[nodiscard]] std::string doctor_text(const std::vector<doctor::LimitFinding>& findings,
                                      TextStyle style);

/// What hurts, in a line: `Noisy here: load = 3.10, cpus = 2 of 2 (weir bench doctor)`; empty if
/// nothing does.
[[nodiscard]] std::string noise_line(const std::vector<doctor::LimitFinding>& findings);

}  // namespace weir::tools::bench
