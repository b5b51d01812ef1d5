#include "tools/weir/bench/nagle/findings.h"

#include <algorithm>
#include <iterator>

#include "tools/weir/bench/nagle/path_findings.h"

namespace weir::tools::bench {

std::vector<Finding> findings_of(std::span<const CellSummary> cells) {
  const CellTable table(cells);
  std::vector<Finding> findings;
  for (const std::string& name : table.paths()) {
    PathFindings path(table, name);
    find_lateness(path);
    find_exchanges(path);
    find_streams(path);
    find_links(path);
    std::ranges::move(path.take(), std::back_inserter(findings));
  }
  return findings;
}

}  // namespace weir::tools::bench
