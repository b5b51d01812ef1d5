#include "tools/weir/load/report/run_details.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "tools/weir/common/byte_size.h"
#include "tools/weir/common/count.h"
#include "tools/weir/common/duration.h"
#include "tools/weir/common/sparkline.h"
#include "tools/weir/load/report/datagram_text.h"
#include "tools/weir/load/report/labelled_line.h"

namespace weir::tools::load {
namespace {

/// What of the schedule was not answered, and why. A closed loop has none: only what went wrong.
std::string requests_text(const LoadReport& report) {
  struct Fate {
    std::uint64_t count;
    std::string_view text;
    bool is_always_told;
  };
  const RequestCounts& requests = report.requests;
  const std::array fates = {
      Fate{requests.dropped, "dropped", true},
      Fate{requests.expired, "timed out waiting for a connection", false},
      Fate{requests.unsent, "still waiting for one at the end", false},
      Fate{requests.unoffered, "too late for the generator", false},
      Fate{requests.failed, "failed", false},
      Fate{requests.timed_out, "timed out", true},
      Fate{requests.pending, "pending", true},
  };
  const bool has_schedule = report.options.rate.has_value();
  std::string text;
  for (const Fate& fate : fates) {
    if (fate.count == 0 && !(has_schedule && fate.is_always_told)) continue;
    text += fmt::format(", {} {}", format_count(fate.count), fate.text);
  }
  if (text.empty()) return text;
  return fmt::format("{} due{}", format_count(std::max(requests.offered, requests.sent)), text);
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

std::string connections_text(const LoadReport& report) {
  const ConnectionCounts& counts = report.connections;
  const std::uint64_t requested =
      std::max<std::uint64_t>(counts.requested, report.options.connections);
  std::string text;
  if (counts.established < requested || counts.opened > counts.established || counts.broken > 0) {
    text = fmt::format("{} of {} made at first", format_count(counts.established),
                       format_count(requested));
    text += fmt::format(", {} in all, {} retired, {} broken",
                        format_count(std::max(counts.opened, counts.established)),
                        format_count(counts.retired), format_count(counts.broken));
  }
  if (counts.idle_requested > 0) {
    text += fmt::format("{}{} of {} idle ones, {} broken", text.empty() ? "" : "; ",
                        format_count(counts.idle_established), format_count(counts.idle_requested),
                        format_count(counts.idle_broken));
  }
  return text;
}

std::string generator_text(const LoadReport& report, TextStyle style) {
  const double seconds = in_seconds(report.measured);
  const auto work = std::max(report.cpu_time - report.polled, std::chrono::nanoseconds());
  const auto each = work / static_cast<std::int64_t>(report.requests.answered);
  std::string text = fmt::format("{:.0f} % of one CPU, {} a request",
                                 in_seconds(work) / seconds * 100, format_duration(each, style));
  const double polled_share = in_seconds(report.polled) / seconds;
  if (polled_share >= 0.005) {
    text += fmt::format("; another {:.0f} % polled for due times", polled_share * 100);
  }
  return text;
}

std::string host_text(const HostUse& host) {
  std::string text;
  if (host.steal_share.value_or(0) >= 0.0005) {
    text += fmt::format(", {:.1f} % stolen", *host.steal_share * 100);
  }
  if (host.cpu_pressure_share.value_or(0) >= 0.0005) {
    text += fmt::format(", {:.1f} % of the time somebody waited for a CPU",
                        *host.cpu_pressure_share * 100);
  }
  for (const KernelCounterChange& counter : host.counters) {
    if (counter.change == 0) continue;
    text += fmt::format(", {} +{}", counter.name, format_count(counter.change));
  }
  return text.empty() ? text : text.substr(2);
}

std::string server_text(const HostUse& host) {
  if (!host.server_pid) return {};
  std::string text = fmt::format("pid {}", *host.server_pid);
  if (host.server_cpu_share) {
    text += fmt::format(", {:.0f} % of one CPU", *host.server_cpu_share * 100);
  }
  return text;
}

std::string errors_text(const LoadReport& report) {
  std::string out;
  for (const ErrorKind kind : error_kinds) {
    if (report.errors.count(kind) == 0) continue;
    out += labelled(to_text(kind),
                    fmt::format("{}; the first: {}", plural(report.errors.count(kind), "error"),
                                report.errors.example(kind)));
  }
  return out;
}

std::string throughput_text(const LoadReport& report) {
  const double seconds = in_seconds(report.measured);
  return fmt::format(
      "{}/s out, {}/s in",
      format_byte_size(static_cast<double>(report.requests.sent_bytes) / seconds),
      format_byte_size(static_cast<double>(report.requests.received_bytes) / seconds));
}

}  // namespace

std::string run_details(const LoadReport& report, TextStyle style) {
  std::string out;
  const auto add = [&out](std::string_view label, const std::string& text) {
    if (!text.empty()) out += labelled(label, text);
  };
  const bool has_time = report.measured.count() > 0;
  if (report.datagrams) {
    out += datagram_details(report, style);
  } else {
    add("requests", requests_text(report));
    add("connections", connections_text(report));
    if (has_time) add("throughput", throughput_text(report));
  }
  if (report.seconds.size() > 1) add("each second", series_text(report, style));
  if (has_time && report.requests.answered > 0) add("generator", generator_text(report, style));
  add("server", server_text(report.host));
  add("host", host_text(report.host));
  add("kernel RTT", report.probe_complaint);
  return out + errors_text(report);
}

}  // namespace weir::tools::load
