// The Nagle study as JSON: every round of every cell, so that others can judge for themselves.
#pragma once

#include <string>

#include "tools/weir/bench/nagle/study.h"
#include "tools/weir/common/json_text.h"

namespace weir::tools::bench {

[[nodiscard]] Json study_json(const StudyResult& result, const std::string& command);

}  // namespace weir::tools::bench
