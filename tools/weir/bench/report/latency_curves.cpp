#include "tools/weir/bench/report/latency_curves.h"

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tools/weir/load/report/html_text.h"
#include "tools/weir/load/report/latency_table.h"
#include "tools/weir/load/report/percentile_lines.h"
#include "tools/weir/load/report/svg_chart.h"
#include "tools/weir/load/stats/percentile_interval.h"

namespace weir::tools::bench {
namespace {

std::string_view meaning_of(LatencyStart start) noexcept {
  return start == LatencyStart::due
             ? "open loop: from when each request was due to its answer"
             : "closed loop: from send to answer, not corrected for coordinated omission";
}

/// `weir_uring: p50 12 us, p99 31 us`
std::string summary_of(const ContenderResult& contender) {
  const load::CensoredHistogram& samples = contender.latency->samples;
  return fmt::format("{}: p50 {}, p99 {}", contender.spec.name,
                     load::percentile_cell(samples, 50, load::html_style),
                     load::percentile_cell(samples, 99, load::html_style));
}

}  // namespace

std::string latency_curves(const CaseResult& result) {
  const std::string id = fmt::format("latency-{}-{}", result.spec.suite, result.spec.name);
  load::Chart chart{.id = id,
                    .title = "Latency by percentile",
                    .description = {},
                    .x = {.scale = load::AxisScale::logarithmic,
                          .unit = load::AxisUnit::odds,
                          .label = "share of the requests that took no longer"},
                    .y = {.scale = load::AxisScale::logarithmic,
                          .unit = load::AxisUnit::nanoseconds,
                          .label = {}},
                    .lines = {}};
  std::size_t drawn = 0;
  std::vector<std::string> not_drawn;
  for (const ContenderResult& contender : result.contenders) {
    if (!contender.latency || contender.spec.role == Role::again) continue;
    const std::string& name = contender.spec.name;
    auto lines = load::percentile_lines(contender.latency->samples, {.line = name, .point = name},
                                        load::samples_beyond_min);
    if (lines.empty()) continue;
    if (drawn == load::chart_looks) {
      not_drawn.push_back(name);
      continue;
    }
    ++drawn;
    for (load::ChartLine& line : lines) chart.lines.push_back(std::move(line));
    chart.description +=
        fmt::format("{}{}", chart.description.empty() ? "" : "; ", summary_of(contender));
    chart.y.label =
        fmt::format("{}; all rounds together; logarithmic", meaning_of(contender.latency->start));
  }
  if (!not_drawn.empty()) {
    chart.y.label += fmt::format("; not drawn: {}", fmt::join(not_drawn, ", "));
  }
  return load::draw_chart(chart);
}

}  // namespace weir::tools::bench
