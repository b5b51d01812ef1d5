#include "tools/weir/load/report/sweep_html.h"

#include <fmt/format.h>

#include "tools/weir/common/count.h"
#include "tools/weir/load/report/html_page.h"
#include "tools/weir/load/report/html_sections.h"
#include "tools/weir/load/report/html_text.h"
#include "tools/weir/load/report/labelled_line.h"
#include "tools/weir/load/report/latency_table.h"
#include "tools/weir/load/report/load_words.h"
#include "tools/weir/load/report/report_charts.h"

namespace weir::tools::load {
namespace {

std::vector<std::string> run_row(const LoadReport& report) {
  const Verdict verdict = verdict_of(report);
  const double offered = offered_rate_of(report);
  std::vector<std::string> cells = {offered > 0 ? format_rounded(offered) : "closed loop",
                                    format_rounded(rate_of(report))};
  const CensoredHistogram& latency = report.latency.primary();
  for (const double percentile : table_percentiles) {
    cells.push_back(latency.empty()
                        ? std::string()
                        : html_escaped(percentile_cell(latency, percentile, html_style)));
  }
  cells.push_back(latency.empty() ? std::string()
                                  : html_escaped(latency_cell(latency.max(), html_style)));
  cells.push_back(format_count(report.errors.total()));
  cells.push_back(fmt::format("<b class=\"{}\">{}</b>", verdict_class(verdict),
                              html_escaped(verdict_heading(verdict))));
  return cells;
}

std::string sweep_table(std::span<const LoadReport> reports) {
  HtmlTable table{
      .caption = "The runs", .head = {"offered/s", "answered/s"}, .css_class = "numbers"};
  for (const double percentile : table_percentiles) {
    table.head.push_back(fmt::format("p{:g}", percentile));
  }
  table.head.insert(table.head.end(), {"max", "errors", "verdict"});
  for (const LoadReport& report : reports) table.rows.push_back(run_row(report));
  return "<h2>Runs</h2>\n" + table.markup();
}

}  // namespace

std::string sweep_html(std::span<const LoadReport> reports) {
  const std::string target = reports.empty() ? std::string() : reports.front().options.target.text;
  std::string json = "[";
  for (const LoadReport& report : reports) {
    json += (json.size() > 1 ? ",\n" : "\n") + report_json(report);
  }
  json += "\n]";
  std::string body = fmt::format(
      "<header>\n<div>\n<p class=\"over\">weir load sweep</p>\n<h1>{}</h1>\n<p "
      "class=\"about\">{}</p>\n</div>\n<button type=\"button\" id=\"theme\" "
      "hidden>Dark</button>\n</header>\n",
      html_escaped(target), plural(reports.size(), "run"));
  body += "<h2>Throughput and latency</h2>\n" + throughput_latency_chart(reports);
  body += sweep_table(reports);
  if (!reports.empty()) body += environment_section(reports.front());
  return html_page({.title = "weir load sweep " + target,
                    .body = body,
                    .json = json,
                    .file_name = "weir-sweep.json"});
}

}  // namespace weir::tools::load
