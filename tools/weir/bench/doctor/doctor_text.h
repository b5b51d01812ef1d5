// The findings of `weir bench doctor` as text.
#pragma once

#include <string>
#include <vector>

#include "tools/weir/common/text_style.h"
#include "tools/weir/doctor/limits.h"

namespace weir::tools::bench {

[[nodiscard]] std::string doctor_text(const std::vector<doctor::LimitFinding>& findings,
                                      TextStyle style);

}  // namespace weir::tools::bench
