#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "tools/weir/common/byte_size.h"
#include "tools/weir/common/count.h"
#include "tools/weir/common/cpu_list.h"
#include "tools/weir/common/duration.h"
#include "tools/weir/common/sparkline.h"
#include "tools/weir/common/wrap_text.h"
#include "tools/weir/load/report/datagram_text.h"
#include "tools/weir/load/report/labelled_line.h"
#include "tools/weir/load/report/latency_bars.h"
#include "tools/weir/load/report/report.h"
#include "tools/weir/load/trust/doubts.h"

namespace weir::tools::load {
namespace {

// Fewer samples than this beyond a percentile, and it is one outlier's value.
constexpr double samples_beyond_min = 10;

/// What kind of load it is, on what, of what size.
std::string load_line(const Options& options) {
  const bool is_datagram = options.target.transport == Transport::datagram;
  const std::string sockets = plural(options.connections, is_datagram ? "socket" : "connection");
  const std::string size = format_byte_size(static_cast<double>(options.message_bytes));
  const std::string_view message = is_datagram ? "datagram" : "message";
  if (options.rate) {
    return fmt::format("fixed rate: {}/s from {}, {} a {}{}",
                       format_count(static_cast<std::uint64_t>(*options.rate)), sockets, size,
                       message, options.answers == Answers::none ? ", no answers expected" : "");
  }
  return fmt::format("closed loop: {} with {} in flight each, {} a {}", sockets, options.depth,
                     size, message);
}

std::string heading(const LoadReport& report, TextStyle style) {
  const Options& options = report.options;
  std::string text =
      fmt::format("{}  {}\n", emphasize("weir load", Emphasis::strong, style), options.target.text);
  text += fmt::format("  {}\n", load_line(options));
  text += fmt::format(
      "  {}, {}{}, {}\n", to_string(report.backend), plural(options.shards, "shard"),
      options.cpus.empty() ? "" : fmt::format(" on CPU {}", format_cpu_list(options.cpus)),
      report.version_line);
  return text +
         fmt::format("  {}\n", wrap_text(describe(report.machine), {.start = 2, .indent = 2}));
}

std::string verdict_text(Verdict verdict, TextStyle style) {
  switch (verdict) {
    case Verdict::ok:
      return emphasize("OK", Emphasis::good, style);
    case Verdict::lossy:
      return emphasize("LOSSY", Emphasis::doubtful, style);
    case Verdict::failed:
      return emphasize("FAILED", Emphasis::bad, style);
    case Verdict::nothing_succeeded:
      return emphasize("NOTHING SUCCEEDED", Emphasis::bad, style);
  }
  return {};
}

std::string result_line(const LoadReport& report, TextStyle style) {
  std::string text = verdict_text(verdict_of(report), style);
  if (report.options.answers == Answers::none) {
    text += fmt::format("  {} sent", plural(report.requests.sent, "datagram"));
    if (report.errors.total() > 0) text += "  " + plural(report.errors.total(), "error");
    return text + '\n';
  }
  text += fmt::format("  {} in {}", plural(report.requests.answered, "answer"),
                      format_seconds(report.measured));
  if (report.requests.answered > 0) {
    text +=
        fmt::format("  {}/s", emphasize(format_count(static_cast<std::uint64_t>(rate_of(report))),
                                        Emphasis::strong, style));
  }
  const std::uint64_t lost = report.datagrams ? report.datagrams->counts.lost : 0;
  if (lost > 0) text += fmt::format("  {} lost", format_count(lost));
  const bool is_right = report.requests.answered > 0 && report.errors.total() == 0;
  text += fmt::format("  {}\n",
                      is_right ? "every byte checked" : plural(report.errors.total(), "error"));
  if (report.interrupted) text += "  interrupted: the run was longer than this\n";
  return text;
}

std::string latency_table(const LoadReport& report, TextStyle style) {
  if (report.latency.primary().empty()) return {};
  const Histogram& latency = report.latency.primary().all();
  std::string head = fmt::format("{:{}}", "", label_columns);
  std::string row = fmt::format("  {:<{}}", "latency", label_columns - 2);
  const auto add = [&](const std::string& name, std::uint64_t value, bool is_certain) {
    const auto text = format_duration(std::chrono::nanoseconds(value), style);
    head += fmt::format("{:>10}", name);
    row += fmt::format("{:>10}", is_certain ? text : fmt::format("({})", text));
  };
  for (const double percentile : {50.0, 90.0, 99.0, 99.9, 99.99}) {
    const double beyond = static_cast<double>(latency.count()) * (100 - percentile) / 100;
    add(fmt::format("p{:g}", percentile), latency.value_at_percentile(percentile),
        beyond >= samples_beyond_min);
  }
  add("max", latency.max(), true);
  return fmt::format("{}\n{}\n\n{}", head, row, draw_latency_bars(latency, style));
}

std::string series_text(const LoadReport& report, TextStyle style) {
  std::vector<std::uint64_t> answered;
  answered.reserve(report.seconds.size());
  for (const SecondSummary& second : report.seconds.rows()) answered.push_back(second.answered);
  auto sorted = answered;
  std::sort(sorted.begin(), sorted.end());
  return fmt::format("{} to {} answers, median {} {}", format_count(sorted.front()),
                     format_count(sorted.back()), format_count(sorted[sorted.size() / 2]),
                     draw_sparkline(answered, 24, style));
}

std::string details(const LoadReport& report, TextStyle style) {
  const double seconds = std::chrono::duration<double>(report.measured).count();
  std::string out = report.datagrams ? datagram_details(report, style) : std::string();
  if (seconds > 0 && !report.datagrams) {
    out += labelled(
        "throughput",
        fmt::format(
            "{}/s out, {}/s in",
            format_byte_size(static_cast<double>(report.requests.sent_bytes) / seconds),
            format_byte_size(static_cast<double>(report.requests.received_bytes) / seconds)));
  }
  if (report.seconds.size() > 1) out += labelled("each second", series_text(report, style));
  if (seconds > 0 && report.requests.answered > 0) {
    const auto cpu = report.cpu_time / static_cast<std::int64_t>(report.requests.answered);
    out +=
        labelled("generator",
                 fmt::format("{:.0f} % of one CPU, {} a request",
                             std::chrono::duration<double>(report.cpu_time).count() / seconds * 100,
                             format_duration(cpu, style)));
  }
  for (const ErrorKind kind : error_kinds) {
    if (report.errors.count(kind) == 0) continue;
    out += labelled(fmt::format("{}", to_text(kind)),
                    fmt::format("{}; the first: {}", plural(report.errors.count(kind), "error"),
                                report.errors.example(kind)));
  }
  return out;
}

std::string doubts_text(const LoadReport& report, TextStyle style) {
  std::string out;
  for (const Doubt& doubt : find_doubts(report)) {
    out += fmt::format("{}  {}\n", emphasize("DOUBT", Emphasis::doubtful, style),
                       wrap_text(doubt.text, {.start = 7, .indent = 7}));
  }
  return out;
}

}  // namespace

std::string report_text(const LoadReport& report, TextStyle style) {
  std::string out = heading(report, style);
  for (const std::string& part :
       {result_line(report, style), latency_table(report, style), details(report, style),
        losses_text(report), doubts_text(report, style)}) {
    if (!part.empty()) out += '\n' + part;
  }
  return out;
}

}  // namespace weir::tools::load
