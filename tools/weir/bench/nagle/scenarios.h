// The cells of the Nagle study. Their numbers are those of the research notes: N2, N7, N8, N11 and
// N12 need links with a delay or a rate and are not here yet.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/bench/nagle/cell.h"

namespace weir::tools::bench {

struct Scenario {
  std::string id;
  std::string question;
  std::vector<CellSpec> cells;
};

/// \param mtu            of the path: sizes lie around its largest segment
/// \param cell_duration  how long each cell sends; one that stalls is longer
[[nodiscard]] std::vector<Scenario> nagle_scenarios(int mtu,
                                                    std::chrono::nanoseconds cell_duration);

}  // namespace weir::tools::bench
