// The cells of the Nagle study, by path. Their numbers are those of the research notes; N9, reads
// that bring several messages, is a column of all.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "tools/weir/bench/nagle/cell.h"
#include "tools/weir/bench/nagle/path_traits.h"
#include "tools/weir/bench/options.h"

namespace weir::tools::bench {

struct Scenario {
  std::string id;
  std::string question;
  std::vector<CellSpec> cells{};
};

struct ScenarioScale {
  Effort effort = Effort::quick;        ///< full: more sizes and times
  std::chrono::nanoseconds duration{};  ///< how long a cell sends, if it needs no longer
};

/// Those that make sense on a path.
[[nodiscard]] std::vector<Scenario> nagle_scenarios(const PathTraits& path,
                                                    const ScenarioScale& scale);

/// Those of a thin path: N8, N11, N12; and of a far one: N2, N6, N7.
[[nodiscard]] std::vector<Scenario> thin_path_scenarios(const ScenarioScale& scale);
[[nodiscard]] std::vector<Scenario> far_path_scenarios(const PathTraits& path,
                                                       const ScenarioScale& scale);

}  // namespace weir::tools::bench
