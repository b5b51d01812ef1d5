// How far a run is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "tools/weir/common/text_style.h"
#include "tools/weir/load/screen/progress.h"

namespace weir::tools::load {

/// `[####----]` of `cells` cells, in UTF-8 `████░░░░`. Empty in the warm-up, whose end nobody
/// knows.
[[nodiscard]] std::string progress_bar(const ProgressSample& sample, std::size_t cells,
                                       TextStyle style);

/// How many cells leave room for `rest` in a line of `columns`: at most `cells_wanted`, a few even
/// where there is none.
[[nodiscard]] std::size_t cells_beside(std::string_view rest, std::size_t columns,
                                       std::size_t cells_wanted) noexcept;

/// `4 s / 10 s`, in the warm-up `2 s`.
[[nodiscard]] std::string progress_time(const ProgressSample& sample);

/// `4 s`
[[nodiscard]] std::string whole_seconds(std::chrono::nanoseconds duration);

}  // namespace weir::tools::load
