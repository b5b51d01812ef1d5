#include "tools/weir/bench/nagle/path_findings.h"

#include <limits>

#include <fmt/format.h>

namespace weir::tools::bench {
namespace {

/// Ratios nearer to 1 than this are no difference.
constexpr double ratio_min = 1.2;
/// Of something to nothing.
constexpr double infinite_ratio = std::numeric_limits<double>::infinity();

}  // namespace

std::string time_text(double us) {
  return us >= 1000 ? fmt::format("{:.1f} ms", us / 1000) : fmt::format("{:.0f} us", us);
}

std::string percent_text(double share) { return fmt::format("{:.0f} %", 100 * share); }

Comparison compare(const CellSummary& cell, const CellSummary& with, Metric metric) {
  const Spread mine = cell.spread(metric);
  const Spread theirs = with.spread(metric);
  if (theirs.median <= 0 && mine.median <= 0) return {};
  const double ratio = theirs.median > 0 ? mine.median / theirs.median : infinite_ratio;
  const bool overlap = mine.low <= theirs.high && theirs.low <= mine.high;
  const bool is_close = ratio < ratio_min && ratio > 1 / ratio_min;
  return {.ratio = ratio, .is_shown = !overlap && !is_close, .is_close = is_close};
}

Outcome expect_more(const Comparison& found) noexcept {
  if (found.is_more()) return Outcome::expected;
  return found.is_less() ? Outcome::opposite : Outcome::not_shown;
}

Outcome expect_less(const Comparison& found) noexcept {
  if (found.is_less()) return Outcome::expected;
  return found.is_more() ? Outcome::opposite : Outcome::not_shown;
}

Outcome expect_equal(const Comparison& found) noexcept {
  if (found.is_shown) return Outcome::opposite;
  return found.is_close ? Outcome::expected : Outcome::not_shown;
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

void PathFindings::add(std::string_view scenario, Outcome outcome, std::string sentence) {
  findings_.push_back({.scenario = std::string(scenario),
                       .path = path_,
                       .sentence = std::move(sentence),
                       .outcome = outcome});
}

}  // namespace weir::tools::bench
