#include "tools/weir/bench/nagle/study_plots.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "tools/weir/bench/nagle/path_findings.h"
#include "tools/weir/bench/plot/line_plot.h"
#include "tools/weir/bench/plot/range_plot.h"

namespace weir::tools::bench {
namespace {

using CellFilter = std::function<bool(const CellSummary&)>;
using CellPlace = std::function<double(const CellSummary&)>;

constexpr std::chrono::milliseconds wanted_rtt{10};

double nanoseconds_of(double us) { return 1000 * us; }

/// Cells that can be drawn.
std::vector<const CellSummary*> select(std::span<const CellSummary> cells,
                                       const CellFilter& filter) {
  std::vector<const CellSummary*> selected;
  for (const CellSummary& cell : cells) {
    if (!cell.rounds.empty() && cell.is_trusted() && filter(cell)) selected.push_back(&cell);
  }
  return selected;
}

/// The medians of one mode, from left to right.
PlotLine median_line(const std::string& name, const std::vector<const CellSummary*>& cells,
                     WriteMode mode, const CellPlace& x_of) {
  PlotLine line{.name = name, .points = {}};
  for (const CellSummary* const cell : cells) {
    if (cell->spec.mode != mode) continue;
    const double us = cell->median(Metric::p50_us);
    line.points.push_back(
        {.x = x_of(*cell),
         .y = nanoseconds_of(us),
         .label = fmt::format("{}, {}: {}", cell->spec.name, name, time_text(us))});
  }
  std::ranges::sort(line.points, {}, &PlotPoint::x);
  return line;
}

std::vector<PlotLine> both_lines(const std::vector<const CellSummary*>& cells,
                                 const CellPlace& x_of) {
  return {median_line("Nagle's algorithm", cells, WriteMode::nagle, x_of),
          median_line("TCP_NODELAY", cells, WriteMode::nodelay, x_of)};
}

/// A single point is no line, and one line is no comparison.
bool can_be_compared(const std::vector<PlotLine>& lines) {
  return std::ranges::all_of(lines, [](const PlotLine& line) { return line.points.size() >= 2; });
}

/// The first path of all that a filter finds, but rather one that is preferred.
std::string choose_path(std::span<const CellSummary> cells, const CellFilter& filter,
                        const CellFilter& prefer) {
  std::string chosen;
  for (const CellSummary* const cell : select(cells, filter)) {
    if (prefer(*cell)) return cell->path;
    if (chosen.empty()) chosen = cell->path;
  }
  return chosen;
}

StudyPlot plot_body_size(std::span<const CellSummary> cells) {
  const auto is_n3 = [](const CellSummary& cell) { return cell.spec.scenario == "N3"; };
  const std::string path =
      choose_path(cells, is_n3, [](const CellSummary& cell) { return cell.traits.mtu < 10'000; });
  const auto found =
      select(cells, [&](const CellSummary& cell) { return is_n3(cell) && cell.path == path; });
  std::vector<PlotLine> lines = both_lines(
      found, [](const CellSummary& cell) { return static_cast<double>(cell.spec.parts.back()); });
  if (!can_be_compared(lines)) return {};
  const auto segment = static_cast<double>(found.front()->traits.segment_bytes());
  StudyPlot plot{.file = "nagle-body-size.svg",
                 .title = fmt::format("Two writes, then the answer: which bodies stall ({})", path),
                 .svg = {}};
  plot.svg = draw(LinePlot{
      .title = plot.title,
      .description = "Median time of an exchange against the size of its second write, with "
                     "Nagle's algorithm and with TCP_NODELAY, and the largest segment.",
      .x = {.unit = load::AxisUnit::per_second, .label = "bytes of the second write"},
      .y = {.unit = load::AxisUnit::nanoseconds, .label = "time of an exchange, median"},
      .lines = std::move(lines),
      .mark = PlotMark{.x = segment, .text = fmt::format("largest segment: {:.0f} B", segment)}});
  return plot;
}

StudyPlot plot_age(std::span<const CellSummary> cells) {
  const auto is_paced = [](const CellSummary& cell) {
    return cell.traits.kind == PathKind::far && cell.spec.interval.count() > 0;
  };
  const std::string path = choose_path(
      cells, is_paced, [](const CellSummary& cell) { return cell.traits.rtt == wanted_rtt; });
  const auto found =
      select(cells, [&](const CellSummary& cell) { return is_paced(cell) && cell.path == path; });
  std::vector<PlotLine> lines = both_lines(found, [](const CellSummary& cell) {
    return static_cast<double>(cell.spec.interval.count());
  });
  if (!can_be_compared(lines)) return {};
  StudyPlot plot{
      .file = "nagle-age-interval.svg",
      .title = fmt::format("Messages of 64 B one way: how old they are when read ({})", path),
      .svg = {}};
  plot.svg = draw(LinePlot{
      .title = plot.title,
      .description = "Median age of a message when it is read against the interval at which they "
                     "are written, with Nagle's algorithm and with TCP_NODELAY, and the "
                     "round-trip time.",
      .x = {.unit = load::AxisUnit::nanoseconds, .label = "from one message to the next"},
      .y = {.unit = load::AxisUnit::nanoseconds, .label = "age of a message, median"},
      .lines = std::move(lines),
      .mark = PlotMark{.x = static_cast<double>(found.front()->traits.rtt.count()),
                       .text = "one round trip"}});
  return plot;
}

StudyPlot plot_write_modes(std::span<const CellSummary> cells) {
  const auto is_n1 = [](const CellSummary& cell) {
    return cell.spec.scenario == "N1" && cell.spec.parts.size() == 2;
  };
  const std::string path = choose_path(cells, is_n1, is_n1);
  const auto found =
      select(cells, [&](const CellSummary& cell) { return is_n1(cell) && cell.path == path; });
  StudyPlot plot{
      .file = "nagle-write-modes.svg",
      .title = fmt::format("4 B and 60 B, then the answer: by how it is written ({})", path),
      .svg = {}};
  RangePlot rows{.title = plot.title,
                 .description =
                     "Median and 99th percentile of the time of an exchange for each "
                     "way to write a request of two parts.",
                 .axis = {.unit = load::AxisUnit::nanoseconds,
                          .label = "time of an exchange: median to 99th percentile"},
                 .rows = {}};
  for (const CellSummary* const cell : found) {
    const double p50_us = cell->median(Metric::p50_us);
    const double p99_us = cell->median(Metric::p99_us);
    rows.rows.push_back({.name = sender_text(cell->spec),
                         .low = nanoseconds_of(p50_us),
                         .high = nanoseconds_of(p99_us),
                         .text = fmt::format("{} to {}", time_text(p50_us), time_text(p99_us))});
  }
  plot.svg = draw(rows);
  return plot;
}

}  // namespace

std::vector<StudyPlot> study_plots(std::span<const CellSummary> cells) {
  std::vector<StudyPlot> plots;
  for (StudyPlot plot : {plot_write_modes(cells), plot_body_size(cells), plot_age(cells)}) {
    if (!plot.svg.empty()) plots.push_back(std::move(plot));
  }
  return plots;
}

}  // namespace weir::tools::bench
