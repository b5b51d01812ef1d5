#include "tools/weir/bench/nagle/findings.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <ranges>
#include <string>
#include <utility>

#include "tools/weir/bench/nagle/path_findings.h"

namespace weir::tools::bench {
namespace {

/// 13 of `N13`; 0 of what is about the path itself, which comes first.
int number_of(const Finding& finding) {
  return finding.scenario.starts_with('N') ? std::stoi(finding.scenario.substr(1)) : 0;
}

}  // namespace

std::string_view to_text(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::expected:
      return "expected";
    case Outcome::not_shown:
      return "not_shown";
    case Outcome::opposite:
      return "opposite";
  }
  std::unreachable();
}

std::string_view mark_of(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::expected:
      return "";
    case Outcome::not_shown:
      return "(not shown here) ";
    case Outcome::opposite:
      return "(unexpected) ";
  }
  std::unreachable();
}

std::vector<Finding> findings_of(std::span<const CellSummary> cells) {
  const CellTable table(cells);
  std::vector<Finding> findings;
  for (const std::string& name : table.paths()) {
    PathFindings path(table, name);
    find_lateness(path);
    find_exchanges(path);
    find_streams(path);
    find_links(path);
    find_rates(path);
    find_controls(path);
    std::multimap<int, Finding> in_order;  // keeps those of one scenario as they are
    for (const Finding& finding : path.take()) in_order.emplace(number_of(finding), finding);
    std::ranges::move(in_order | std::views::values, std::back_inserter(findings));
  }
  return findings;
}

}  // namespace weir::tools::bench
