#include "tools/weir/load/report/report_charts.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "tools/weir/common/count.h"
#include "tools/weir/common/duration.h"
#include "tools/weir/load/report/html_text.h"
#include "tools/weir/load/report/labelled_line.h"
#include "tools/weir/load/report/latency_rows.h"
#include "tools/weir/load/report/latency_table.h"
#include "tools/weir/load/report/percentile_lines.h"
#include "tools/weir/load/report/svg_chart.h"

namespace weir::tools::load {
namespace {

/// In the middle of its row.
double time_of(const SecondSeries& seconds, std::size_t index) {
  return (static_cast<double>(index) + 0.5) * static_cast<double>(seconds.row_length().count());
}

ChartLine rate_line(const LoadReport& report, std::string name,
                    std::uint64_t SecondSummary::* member) {
  ChartLine line{.name = std::move(name), .points = {}};
  const SecondSeries& seconds = report.seconds;
  for (std::size_t i = 0; i < seconds.size(); ++i) {
    const double count = static_cast<double>(seconds.rows()[i].*member);
    line.points.push_back(
        {time_of(seconds, i), count / static_cast<double>(seconds.row_length().count())});
  }
  return line;
}

ChartLine latency_line(const LoadReport& report, std::string name,
                       std::chrono::nanoseconds SecondSummary::* member) {
  ChartLine line{.name = std::move(name), .points = {}};
  for (std::size_t i = 0; i < report.seconds.size(); ++i) {
    const auto value = static_cast<double>((report.seconds.rows()[i].*member).count());
    if (value > 0) line.points.push_back({time_of(report.seconds, i), value});
  }
  return line;
}

std::string_view primary_name(const LoadReport& report) {
  return report.latency.response.empty() ? "Service time" : "Response time";
}

}  // namespace

std::string percentile_chart(const LoadReport& report) {
  if (report.latency.primary().empty()) return {};
  Chart chart{
      .id = "percentiles",
      .title = "Latency by percentile",
      .description = {},
      .x = {AxisScale::logarithmic, AxisUnit::odds, "share of the requests that took no longer"},
      .y = {AxisScale::logarithmic, AxisUnit::nanoseconds,
            "logarithmic; points are named percentiles"},
      .lines = {}};
  for (const LatencyRow& row : latency_rows(report)) {
    if (row.key == "connect") continue;
    const PercentileWords words{.line = fmt::format("{} ({})", row.name, row.meaning),
                                .point = std::string(row.name)};
    for (ChartLine& line : percentile_lines(row.samples, words, /*beyond_min=*/0)) {
      chart.lines.push_back(std::move(line));
    }
  }
  const CensoredHistogram& primary = report.latency.primary();
  chart.description = fmt::format(
      "{}: p50 {}, p99 {}, p99.9 {}, maximum {}.", primary_name(report),
      percentile_cell(primary, 50, html_style), percentile_cell(primary, 99, html_style),
      percentile_cell(primary, 99.9, html_style), latency_cell(primary.max(), html_style));
  return draw_chart(chart);
}

std::string rate_chart(const LoadReport& report) {
  if (report.seconds.size() < 2) return {};
  Chart chart{.id = "rate",
              .size = ChartSize::half,
              .title = "Rate over time",
              .description = {},
              .x = {AxisScale::linear, AxisUnit::seconds, "since measuring began"},
              .y = {AxisScale::linear, AxisUnit::per_second, "requests a second"},
              .lines = {}};
  if (report.options.rate && !report.datagrams) {
    chart.lines.push_back(rate_line(report, "offered", &SecondSummary::offered));
  } else if (report.datagrams) {
    chart.lines.push_back(rate_line(report, "sent", &SecondSummary::sent));
  }
  chart.lines.push_back(rate_line(report, "answered", &SecondSummary::answered));
  if (report.errors.total() > 0) {
    chart.lines.push_back(rate_line(report, "errors", &SecondSummary::errors));
  }
  const auto& rows = report.seconds.rows();
  const auto [least, most] = std::minmax_element(
      rows.begin(), rows.end(),
      [](const SecondSummary& a, const SecondSummary& b) { return a.answered < b.answered; });
  chart.description =
      fmt::format("Between {} and {} answers in each row of {} s.", format_count(least->answered),
                  format_count(most->answered), report.seconds.row_length().count());
  return draw_chart(chart);
}

std::string latency_chart(const LoadReport& report) {
  if (report.seconds.size() < 2) return {};
  Chart chart{.id = "latency",
              .size = ChartSize::half,
              .title = fmt::format("{} over time", primary_name(report)),
              .description = {},
              .x = {AxisScale::linear, AxisUnit::seconds, "since measuring began"},
              .y = {AxisScale::logarithmic, AxisUnit::nanoseconds, "logarithmic; of each second"},
              .lines = {}};
  chart.lines.push_back(latency_line(report, "max", &SecondSummary::max));
  chart.lines.push_back(latency_line(report, "p99", &SecondSummary::p99));
  chart.lines.push_back(latency_line(report, "p50", &SecondSummary::p50));
  std::chrono::nanoseconds worst{};
  for (const SecondSummary& second : report.seconds.rows()) worst = std::max(worst, second.p99);
  chart.description =
      fmt::format("The p99 of the worst second was {}.", format_duration(worst, html_style));
  return draw_chart(chart);
}

std::string throughput_latency_chart(std::span<const LoadReport> reports) {
  Chart chart{.id = "throughput-latency",
              .title = "Latency by throughput",
              .description = {},
              .x = {AxisScale::linear, AxisUnit::per_second, "answers a second"},
              .y = {AxisScale::logarithmic, AxisUnit::nanoseconds, "logarithmic; a point a run"},
              .lines = {}};
  std::vector<const LoadReport*> ordered;
  for (const LoadReport& report : reports) {
    if (report.requests.answered > 0) ordered.push_back(&report);
  }
  const auto order_of = [](const LoadReport* report) {
    return report->options.rate.value_or(rate_of(*report));
  };
  std::sort(ordered.begin(), ordered.end(), [&](const LoadReport* a, const LoadReport* b) {
    return std::pair(order_of(a), a) < std::pair(order_of(b), b);
  });
  for (const double percentile : {99.9, 99.0, 50.0}) {
    ChartLine line{.name = fmt::format("p{:g}", percentile), .points = {}};
    for (const LoadReport* report : ordered) {
      const CensoredHistogram& latency = report->latency.primary();
      const CensoredValue value = latency.percentile(percentile);
      const double rate = rate_of(*report);
      line.points.push_back({rate, static_cast<double>(value.value),
                             fmt::format("p{:g} at {}/s: {}", percentile, format_rounded(rate),
                                         percentile_cell(latency, percentile, html_style))});
    }
    chart.lines.push_back(std::move(line));
  }
  if (ordered.empty()) return {};
  chart.description =
      fmt::format("{} runs; p99 from {} at the lowest rate to {} at the highest.", ordered.size(),
                  percentile_cell(ordered.front()->latency.primary(), 99, html_style),
                  percentile_cell(ordered.back()->latency.primary(), 99, html_style));
  return draw_chart(chart);
}

}  // namespace weir::tools::load
