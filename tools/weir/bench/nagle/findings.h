// What the cells of the Nagle study say, in sentences. Each comes from the cells that it names and
// says what they say, also where that is not what theory expects; then `is_expected` is false.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tools/weir/bench/nagle/cell_metrics.h"

namespace weir::tools::bench {

struct Finding {
  std::string scenario;
  std::string path;
  std::string sentence;
  bool is_expected = true;
};

[[nodiscard]] std::vector<Finding> findings_of(std::span<const CellSummary> cells);

/// Why this host is not fit for the study: it shows no stall where theory says that there must be
/// one, or one where there cannot be any. `nullopt` if it is fit.
[[nodiscard]] std::optional<std::string> self_check(std::span<const CellSummary> cells);

}  // namespace weir::tools::bench
