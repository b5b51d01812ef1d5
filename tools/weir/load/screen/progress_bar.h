// How far a run is.
#pragma once

#include <cstddef>
#include <string>

#include "tools/weir/common/text_style.h"
#include "tools/weir/load/screen/progress.h"

namespace weir::tools::load {

/// `[####----]` of `cells` cells, in UTF-8 `████░░░░`. Empty in the warm-up, whose end nobody
/// knows.
[[nodiscard]] std::string progress_bar(const ProgressSample& sample, std::size_t cells,
                                       TextStyle style);

/// `4 s / 10 s`, in the warm-up `2 s`.
[[nodiscard]] std::string progress_time(const ProgressSample& sample);

/// `4 s`
[[nodiscard]] std::string whole_seconds(std::chrono::nanoseconds duration);

}  // namespace weir::tools::load
