#include "tools/weir/bench/nagle/path_findings.h"

#include <algorithm>

#include <fmt/format.h>

namespace weir::tools::bench {
namespace {

/// Ratios nearer to 1 than this are no difference.
constexpr double ratio_min = 1.2;

}  // namespace

std::string time_text(double us) {
  return us >= 1000 ? fmt::format("{:.1f} ms", us / 1000) : fmt::format("{:.0f} us", us);
}

Comparison compare(const CellSummary& cell, const CellSummary& with, Metric metric) {
  const Spread mine = cell.spread(metric);
  const Spread theirs = with.spread(metric);
  if (theirs.median <= 0) return {};
  const double ratio = mine.median / theirs.median;
  const bool overlap = mine.low <= theirs.high && theirs.low <= mine.high;
  return {.ratio = ratio, .is_shown = !overlap && (ratio >= ratio_min || ratio <= 1 / ratio_min)};
}

std::string rate_words(const CellSummary& nagle, const CellSummary& nodelay) {
  const Comparison rate = compare(nagle, nodelay, Metric::messages_per_s);
  if (rate.is_more()) {
    return fmt::format("{:.1f} times as many messages a second with it", rate.ratio);
  }
  if (rate.is_less()) {
    return fmt::format("{:.1f} times as many messages a second without it", 1 / rate.ratio);
  }
  return "no difference in messages a second was shown";
}

std::vector<const CellSummary*> PathFindings::cells() const {
  std::vector<const CellSummary*> found;
  for (const CellSummary& cell : table_.cells()) {
    if (cell.path == path_) found.push_back(&cell);
  }
  return found;
}

void PathFindings::add(std::string_view scenario, bool is_expected, std::string sentence) {
  findings_.push_back({.scenario = std::string(scenario),
                       .path = path_,
                       .sentence = std::move(sentence),
                       .is_expected = is_expected});
}

}  // namespace weir::tools::bench
