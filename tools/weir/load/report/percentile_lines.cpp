#include "tools/weir/load/report/percentile_lines.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "tools/weir/load/report/html_text.h"
#include "tools/weir/load/report/latency_table.h"

namespace weir::tools::load {
namespace {

constexpr int points_a_decade = 24;

/// Where there are points: 1 / (1 - p), from none of the samples to `most`.
std::vector<double> odds_up_to(double most) {
  std::vector<double> odds = {2};
  most = std::max(2.0, most);
  for (int i = 0; i == 0 || odds.back() < most; ++i) {
    odds.push_back(std::min(most, std::pow(10, static_cast<double>(i) / points_a_decade)));
  }
  std::sort(odds.begin(), odds.end());
  odds.erase(std::unique(odds.begin(), odds.end()), odds.end());
  return odds;
}

/// The percentiles that people name: 50 %, 90 %, 99 %, ...
bool is_named(double odds) {
  const double decade = std::log10(odds);
  return odds == 2 || (odds > 2 && std::abs(decade - std::round(decade)) < 1e-9);
}

}  // namespace

std::vector<ChartLine> percentile_lines(const CensoredHistogram& samples,
                                        const PercentileWords& words, std::uint64_t beyond_min) {
  ChartLine known{.name = words.line, .points = {}};
  ChartLine bound{.name = words.line, .points = {}, .is_bound = true};
  const auto count = static_cast<double>(samples.count());
  const auto beyond = static_cast<double>(std::max<std::uint64_t>(beyond_min, 1));
  for (const double odds : odds_up_to(count / beyond)) {
    const double percentile = 100 * (1 - 1 / odds);
    if (samples.count() - samples.all().rank_of_percentile(percentile) < beyond_min) break;
    const CensoredValue value = samples.percentile(percentile);
    if (value.value == 0) continue;
    ChartPoint point{.x = odds, .y = static_cast<double>(value.value)};
    if (is_named(odds)) {
      point.label = fmt::format("{} p{:.8g}: {}", words.point, percentile,
                                percentile_cell(samples, percentile, html_style));
    }
    if (value.is_lower_bound && bound.points.empty() && !known.points.empty()) {
      bound.points.push_back({known.points.back().x, known.points.back().y});
    }
    (value.is_lower_bound ? bound : known).points.push_back(std::move(point));
  }
  std::vector<ChartLine> lines;
  if (known.points.empty() && bound.points.empty()) return lines;
  lines.push_back(std::move(known));
  if (!bound.points.empty()) lines.push_back(std::move(bound));
  return lines;
}

}  // namespace weir::tools::load
