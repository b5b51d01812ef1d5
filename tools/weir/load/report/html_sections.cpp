#include "tools/weir/load/report/html_sections.h"

#include <algorithm>
#include <chrono>
#include <ctime>

#include <fmt/format.h>

#include "tools/weir/common/count.h"
#include "tools/weir/common/duration.h"
#include "tools/weir/load/report/count_fields.h"
#include "tools/weir/load/report/gate_lines.h"
#include "tools/weir/load/report/html_text.h"
#include "tools/weir/load/report/latency_table.h"
#include "tools/weir/load/report/load_words.h"
#include "tools/weir/load/report/next_command.h"

namespace weir::tools::load {
namespace {

std::string duration_text(std::uint64_t nanoseconds) {
  return format_duration(std::chrono::nanoseconds(static_cast<std::int64_t>(nanoseconds)),
                         html_style);
}

/// `37–38 µs`, `150 µs – 2.0 ms`, `≥ 5.0 s`, `± 0` if both ends look the same.
std::string interval_text(const PercentileInterval& interval) {
  const std::string low = duration_text(interval.low);
  if (interval.high_is_open) return "≥ " + low;
  const std::string high = duration_text(interval.high);
  const std::size_t unit = low.find(' ');
  if (low == high) return "± 0";
  if (low.substr(unit) != high.substr(high.find(' '))) return fmt::format("{} – {}", low, high);
  return fmt::format("{}–{}", low.substr(0, unit), high);
}

std::string estimate_cell(const std::optional<PercentileEstimate>& known) {
  if (!known) return {};
  return fmt::format("{}<small>{}</small>", html_escaped(latency_cell(*known, html_style)),
                     html_escaped(interval_text(known->interval)));
}

/// A word in the colour of what it means.
std::string judged(bool is_ok, std::string_view good, std::string_view bad) {
  return fmt::format("<b class=\"{}\">{}</b>", is_ok ? "good" : "bad", is_ok ? good : bad);
}

std::string utc_text(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  if (::gmtime_r(&seconds, &parts) == nullptr) return {};
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string command_line(const std::vector<std::string>& arguments) {
  std::string line;
  for (const std::string& word : arguments) line += (line.empty() ? "" : " ") + word;
  return line;
}

std::string named(std::string_view name) {
  std::string words(name);
  std::replace(words.begin(), words.end(), '_', ' ');
  return html_escaped(words);
}

void add_row(HtmlTable& table, std::string_view name, const std::string& value) {
  if (!value.empty()) table.rows.push_back({html_escaped(name), html_escaped(value)});
}

HtmlTable requests_table(const LoadReport& report) {
  HtmlTable table{.caption = "What became of the requests", .css_class = "numbers"};
  for (const RequestCountField& one : request_count_fields) {
    const std::uint64_t count = report.requests.*one.value;
    if (one.name == "lost" && !report.datagrams) continue;
    table.rows.push_back({named(one.name), format_count(count)});
  }
  return table;
}

HtmlTable connections_table(const LoadReport& report) {
  HtmlTable table{.caption = "What became of the connections", .css_class = "numbers"};
  for (const ConnectionCountField& one : connection_count_fields) {
    const std::uint64_t count = report.connections.*one.value;
    if (count == 0 && one.name.starts_with("idle")) continue;
    table.rows.push_back({named(one.name), format_count(count)});
  }
  return table;
}

std::string loss_table(const DatagramResult& result) {
  const LossParts parts = find_loss_parts(result);
  HtmlTable table{.caption = "Who lost what", .css_class = "numbers"};
  const auto add = [&table](std::string_view name, std::uint64_t count) {
    table.rows.push_back({html_escaped(name), format_count(count)});
  };
  add("lost in all", parts.lost);
  add("our queue", parts.our_queue);
  add("our socket buffer", parts.our_socket);
  if (parts.peer_socket) add("server's socket buffer", *parts.peer_socket);
  add("late", parts.late);
  add("damaged", parts.damaged);
  add("network or server", parts.elsewhere);
  return "<h2>Who lost what</h2>\n" + table.markup();
}

std::string errors_table(const ErrorCounts& errors) {
  if (errors.total() == 0) return {};
  HtmlTable table{.caption = "Errors", .head = {"kind", "count", "the first"}};
  for (const ErrorKind kind : error_kinds) {
    if (errors.count(kind) == 0) continue;
    table.rows.push_back({html_escaped(to_text(kind)), format_count(errors.count(kind)),
                          html_escaped(errors.example(kind))});
  }
  return "<h2>Errors</h2>\n" + table.markup();
}

}  // namespace

std::string_view verdict_class(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::ok:
      return "good";
    case Verdict::lossy:
    case Verdict::saturated:
      return "warn";
    case Verdict::slo_failed:
    case Verdict::untrusted:
    case Verdict::failed:
    case Verdict::nothing_succeeded:
      break;
  }
  return "bad";
}

std::string latency_section(const LoadReport& report) {
  const std::vector<LatencyRow> rows = latency_rows(report);
  if (rows.empty()) return {};
  HtmlTable table{
      .caption = "Latencies by percentile", .head = {"latency"}, .css_class = "numbers latencies"};
  for (const double percentile : table_percentiles) {
    table.head.push_back(fmt::format("p{:g}", percentile));
  }
  table.head.insert(table.head.end(), {"max", "mean", "samples"});
  for (const LatencyRow& row : rows) {
    std::vector<std::string> cells = {
        fmt::format("{}<small>{}</small>", html_escaped(row.name), html_escaped(row.meaning))};
    for (const double percentile : table_percentiles) {
      cells.push_back(estimate_cell(estimate(report, row, percentile)));
    }
    cells.push_back(html_escaped(latency_cell(row.samples.max(), html_style)));
    cells.push_back(duration_text(static_cast<std::uint64_t>(row.samples.all().mean())));
    const std::uint64_t censored = row.samples.censored_count();
    cells.push_back(format_count(row.samples.count()) +
                    (censored > 0
                         ? fmt::format("<small>{} censored</small>", format_count(censored))
                         : std::string()));
    table.rows.push_back(std::move(cells));
  }
  return "<h2>Latency</h2>\n" + table.markup() +
         "<p class=\"note\">Below each value its 95 % confidence interval. In parentheses: fewer "
         "than 10 samples beyond. ≥: requests without an answer count as at least their age.</p>\n";
}

std::string trust_section(const LoadReport& report) {
  if (report.trust.empty()) return {};
  HtmlTable table{.caption = "Trust checks", .head = {"check", "", "value", "limit", "finding"}};
  for (const TrustCheck& check : report.trust) {
    std::string finding = html_escaped(check.text);
    if (!check.remedy.empty())
      finding += fmt::format("<small>{}</small>", html_escaped(check.remedy));
    table.rows.push_back(
        {html_escaped(trust_rule_name(check.rule)),
         judged(check.ok, "ok", check.weight == TrustWeight::veto ? "untrusted" : "note"),
         html_escaped(format_measure(check.value, check.unit, html_style)),
         html_escaped(format_measure(check.limit, check.unit, html_style)), finding});
  }
  return "<h2>Can this be trusted?</h2>\n" + table.markup();
}

std::string slo_section(const LoadReport& report) {
  if (report.slo.empty()) return {};
  HtmlTable table{.caption = "Service level objectives", .head = {"condition", "", "measured"}};
  for (const SloResult& result : report.slo) {
    table.rows.push_back({html_escaped(result.term.text), judged(result.ok, "pass", "FAIL"),
                          html_escaped(format_slo_value(result, html_style))});
  }
  return "<h2>Objectives</h2>\n" + table.markup();
}

std::string counts_section(const LoadReport& report) {
  std::string out = errors_table(report.errors);
  if (report.datagrams) out += loss_table(*report.datagrams);
  return out + "<div class=\"pair\">\n<section>\n<h2>Requests</h2>\n" +
         requests_table(report).markup() + "</section>\n<section>\n<h2>Connections</h2>\n" +
         connections_table(report).markup() + "</section>\n</div>\n";
}

std::string environment_section(const LoadReport& report) {
  const Machine& machine = report.machine;
  const double seconds = std::chrono::duration<double>(report.measured).count();
  HtmlTable table{.caption = "Environment"};
  add_row(table, "started", utc_text(report.start));
  add_row(table, "generator", place_words(report));
  if (seconds > 0) {
    const double work = std::chrono::duration<double>(report.cpu_time - report.polled).count();
    add_row(table, "generator CPU", fmt::format("{:.0f} % of one CPU", 100 * work / seconds));
  }
  add_row(table, "kernel", machine.kernel_release);
  add_row(table, "CPU",
          fmt::format("{}{}", machine.cpu_model, machine.is_virtual ? ", virtual machine" : ""));
  add_row(table, "CPUs",
          fmt::format("{} online, {} allowed", machine.cpus_online, machine.cpus_allowed));
  add_row(table, "governor", machine.governor);
  add_row(table, "clock source", machine.clock_source);
  add_row(table, "congestion control", machine.congestion_control);
  add_row(table, "transparent huge pages", machine.huge_pages);
  add_row(table, "load average", machine.load_average);
  if (report.host.steal_share) {
    add_row(table, "stolen by the hypervisor",
            format_measure(*report.host.steal_share, "ratio", html_style));
  }
  for (const KernelCounterChange& counter : report.host.counters) {
    add_row(table, counter.name, "+" + format_count(counter.change));
  }
  for (const auto& [key, value] : report.options.output.labels) add_row(table, key, value);
  std::string out = "<h2>Environment</h2>\n" + table.markup();
  if (!report.arguments.empty()) {
    out += fmt::format("<h2>Command</h2>\n<div class=\"scroll\"><pre>{}</pre></div>\n",
                       html_escaped(command_line(report.arguments)));
  }
  if (const auto next = next_command(report)) {
    out += fmt::format("<h2>Next</h2>\n<div class=\"scroll\"><pre>{}</pre></div>\n",
                       html_escaped(*next));
  }
  return out;
}

}  // namespace weir::tools::load
