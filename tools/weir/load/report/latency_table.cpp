#include "tools/weir/load/report/latency_table.h"

#include <fmt/format.h>

#include "tools/weir/common/duration.h"
#include "tools/weir/common/wrap_text.h"
#include "tools/weir/load/report/labelled_line.h"
#include "tools/weir/load/report/latency_bars.h"

namespace weir::tools::load {
namespace {

constexpr std::size_t cell_columns = 11;
constexpr std::size_t name_columns = 12;
constexpr std::array interval_percentiles = {50.0, 99.0, 99.9};

std::string duration_text(std::uint64_t nanoseconds, TextStyle style) {
  return format_duration(std::chrono::nanoseconds(static_cast<std::int64_t>(nanoseconds)), style);
}

std::string table_row(const LoadReport& report, const LatencyRow& row, TextStyle style) {
  std::string line = fmt::format("  {:<{}}", row.name, name_columns);
  for (const double percentile : table_percentiles) {
    const auto known = estimate(report, row, percentile);
    line += fmt::format("{:>{}}", known ? latency_cell(*known, style) : "", cell_columns);
  }
  return line + fmt::format("{:>{}}\n", latency_cell(row.samples.max(), style), cell_columns);
}

/// `194 to 203 us`, `930 us to 1.1 ms`, `198 us` if both ends look the same.
std::string interval_text(const PercentileInterval& interval, TextStyle style) {
  const std::string low = duration_text(interval.low, style);
  if (interval.high_is_open) return low + " or more";
  const std::string high = duration_text(interval.high, style);
  if (low == high) return low;
  const std::size_t low_unit = low.find(' ');
  const bool is_same_unit = low.substr(low_unit) == high.substr(high.find(' '));
  return fmt::format("{} to {}", is_same_unit ? low.substr(0, low_unit) : low, high);
}

std::string interval_line(const LoadReport& report, const LatencyRow& row, TextStyle style) {
  std::string text;
  for (const double percentile : interval_percentiles) {
    const auto known = estimate(report, row, percentile);
    if (!known || known->is_sparse()) continue;
    text += fmt::format("{}p{:g} {}", text.empty() ? "" : ", ", percentile,
                        interval_text(known->interval, style));
  }
  return text.empty() ? text : labelled("95 % CI", text);
}

/// The connections of a run that keeps them were made before it.
bool is_shown(const LoadReport& report, const LatencyRow& row) {
  if (row.key == "connect") return report.connections.opened > report.connections.established;
  return !(report.datagrams && row.key == "send_lag");
}

}  // namespace

std::string latency_cell(const CensoredValue& value, TextStyle style) {
  const std::string text = duration_text(value.value, style);
  return value.is_lower_bound ? fmt::format("{} {}", style.utf8 ? "≥" : ">=", text) : text;
}

std::string latency_cell(const PercentileEstimate& estimate, TextStyle style) {
  const std::string text = latency_cell(estimate.value, style);
  return estimate.is_sparse() ? fmt::format("({})", text) : text;
}

std::string percentile_cell(const CensoredHistogram& samples, double percentile, TextStyle style) {
  const auto known = estimate_percentile(samples, percentile, {});
  return known ? latency_cell(*known, style) : "-";
}

std::string latency_table(const LoadReport& report, TextStyle style) {
  const std::vector<LatencyRow> rows = latency_rows(report);
  if (report.latency.primary().empty()) return {};
  std::string out = fmt::format("{:{}}", "", name_columns + 2);
  for (const double percentile : table_percentiles) {
    out += fmt::format("{:>{}}", fmt::format("p{:g}", percentile), cell_columns);
  }
  out += fmt::format("{:>{}}\n", "max", cell_columns);
  std::string meanings;
  std::string intervals;
  for (const LatencyRow& row : rows) {
    if (!is_shown(report, row)) continue;
    out += table_row(report, row, style);
    meanings += fmt::format("{}{}: {}", meanings.empty() ? "" : "; ", row.name, row.meaning);
    if (row.is_primary) intervals = interval_line(report, row, style);
  }
  out += intervals;
  out += fmt::format("  {}\n", wrap_text(meanings, {.start = 2, .indent = 2}));
  return out + '\n' + draw_latency_bars(report.latency.primary().all(), style);
}

}  // namespace weir::tools::load
