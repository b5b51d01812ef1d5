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
  Effort effort = Effort::quick;                   ///< full: more sizes and times
  std::chrono::nanoseconds duration{};             ///< how long a cell sends, if it needs no longer
  std::vector<std::string> congestion_controls{};  ///< that this host has and lets us use
};

/// Those that make sense on a path.
[[nodiscard]] std::vector<Scenario> nagle_scenarios(const PathTraits& path,
                                                    const ScenarioScale& scale);

/// Those of a thin path: N8, N11, N12, N15; and of a far one: N2, N6, N7, N15.
[[nodiscard]] std::vector<Scenario> thin_path_scenarios(const PathTraits& path,
                                                        const ScenarioScale& scale);
[[nodiscard]] std::vector<Scenario> far_path_scenarios(const PathTraits& path,
                                                       const ScenarioScale& scale);

/// Adds N15: these cells, each under each congestion control. Nothing is added where there are no
/// two of those to tell apart.
void add_congestion_controls(std::vector<Scenario>& scenarios, const std::vector<CellSpec>& cells,
                             const ScenarioScale& scale);

}  // namespace weir::tools::bench
