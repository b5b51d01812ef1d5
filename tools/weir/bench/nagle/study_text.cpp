#include "tools/weir/bench/nagle/study_text.h"

#include <algorithm>
#include <cstddef>
#include <span>

#include <fmt/format.h>

namespace weir::tools::bench {
namespace {

/// In a column: no digit more than can be compared.
std::string time_column(double us) {
  if (us >= 10'000) return fmt::format("{:.1f} ms", us / 1000);
  return fmt::format("{:.0f} us", us);
}

std::string heading(const CellSummary& cell) {
  return fmt::format(
      "{} on {}: {}\n  times: {}\n", cell.spec.scenario, cell.path, cell.question,
      cell.spec.is_one_way() ? "age of a message when it is read" : "time of an exchange");
}

/// What a column shows of a cell that has nothing for it.
constexpr const char* no_value = "-";

std::string time_or_nothing(double us) { return us > 0 ? time_column(us) : no_value; }

std::string row_start(const CellSummary& cell) {
  return fmt::format("  {:<18} {:<25}", cell.spec.name, sender_text(cell.spec));
}

std::string time_columns() {
  return fmt::format("  {:<18} {:<25} {:>9} {:>9} {:>9} {:>7} {:>11}\n", "", "", "p50", "p99",
                     "p99.9", "stalls", "messages/s");
}

std::string time_row(const CellSummary& cell) {
  if (cell.rounds.empty()) return fmt::format("{} {}\n", row_start(cell), cell.failure);
  std::string text = fmt::format(
      "{} {:>9} {:>9} {:>9} {:>7} {:>11.0f}\n", row_start(cell),
      time_or_nothing(cell.median(Metric::p50_us)), time_or_nothing(cell.median(Metric::p99_us)),
      // A median of rounds of which some have too few is none.
      time_or_nothing(cell.spread(Metric::p999_us).low > 0 ? cell.median(Metric::p999_us) : 0),
      cell.spec.is_one_way() ? no_value : fmt::format("{:.0f}%", 100 * cell.median(Metric::stalls)),
      cell.median(Metric::messages_per_s));
  if (!cell.is_trusted()) {
    text += fmt::format("    not to be trusted: the relay was late by {}\n",
                        time_column(cell.median(Metric::relay_late_us)));
  }
  return text;
}

std::string cost_columns() {
  return fmt::format("  {:<18} {:<25} {:>6} {:>6} {:>6} {:>6} {:>7} {:>6} {:>5}\n", "", "", "seg/m",
                     "B/seg", "ack/m", "sys/m", "us/m", "merged", "cut");
}

std::string cost_row(const CellSummary& cell) {
  if (cell.rounds.empty()) return {};
  return fmt::format(
      "{} {:>6.2f} {:>6.0f} {:>6.2f} {:>6.2f} {:>7.2f} {:>5.0f}% {:>4.0f}%\n", row_start(cell),
      cell.median(Metric::segments_per_message), cell.median(Metric::bytes_per_segment),
      cell.median(Metric::acks_per_message), cell.median(Metric::sender_calls_per_message),
      cell.median(Metric::sender_cpu_us_per_message), 100 * cell.median(Metric::merged_reads),
      100 * cell.median(Metric::cut_messages));
}

/// Under the table of a scenario on a far path.
std::string relay_line(std::span<const CellSummary> cells) {
  double late_us = 0;
  double lost = 0;
  for (const CellSummary& cell : cells) {
    late_us = std::max(late_us, cell.median(Metric::relay_late_us));
    lost += cell.median(Metric::relay_lost);
  }
  if (cells.front().traits.kind != PathKind::far) return {};
  return fmt::format("  relay: late by {} at most (p99), {:.0f} packets dropped\n",
                     time_column(late_us), lost);
}

/// The cells of one scenario on one path, which stand together.
std::size_t scenario_size(std::span<const CellSummary> cells) {
  const CellSummary& first = cells.front();
  const auto other = std::ranges::find_if(cells, [&first](const CellSummary& cell) {
    return cell.path != first.path || cell.spec.scenario != first.spec.scenario;
  });
  return static_cast<std::size_t>(other - cells.begin());
}

}  // namespace

std::string study_table(const StudyResult& result) {
  std::string text;
  std::span<const CellSummary> rest(result.cells);
  while (!rest.empty()) {
    const std::span<const CellSummary> scenario = rest.first(scenario_size(rest));
    text += (text.empty() ? "" : "\n") + heading(scenario.front()) + time_columns();
    for (const CellSummary& cell : scenario) text += time_row(cell);
    text += cost_columns();
    for (const CellSummary& cell : scenario) text += cost_row(cell);
    text += relay_line(scenario);
    rest = rest.subspan(scenario.size());
  }
  return text;
}

}  // namespace weir::tools::bench
