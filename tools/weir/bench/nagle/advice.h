// What to do, and what this run shows of each advice: the same cells that the findings are about.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tools/weir/bench/nagle/cell_metrics.h"
#include "tools/weir/bench/nagle/findings.h"

namespace weir::tools::bench {

/// Two cells that an advice is about.
struct Evidence {
  Outcome outcome;   ///< whether they show it
  std::string text;  ///< `N1 on loopback, 4 + 60 B: 31 us by gather, 44.0 ms by nagle`
};

struct Advice {
  std::string text;  ///< a sentence or two
  std::vector<Evidence> evidence;
};

/// Best first. All are given, also what no number here shows.
[[nodiscard]] std::vector<Advice> advice_of(std::span<const CellSummary> cells);

/// An item of a numbered list in Markdown: the advice, that it is general knowledge if nothing
/// shows it, and the evidence line by line.
[[nodiscard]] std::string to_text(const Advice& advice);

}  // namespace weir::tools::bench
