#include "tools/weir/load/jobs/sweep_report.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "tools/weir/load/report/labelled_line.h"
#include "tools/weir/load/report/latency_table.h"
#include "tools/weir/load/report/load_words.h"
#include "tools/weir/load/screen/figure_text.h"

namespace weir::tools::load {
namespace {

constexpr std::array percentiles = {50.0, 90.0, 99.0, 99.9};
constexpr std::size_t sweep_rate_columns = 11;
constexpr std::size_t sweep_label_columns = 8;

double generator_cpu_share(const LoadReport& report) {
  const auto seconds = [](std::chrono::nanoseconds time) {
    return std::chrono::duration<double>(time).count();
  };
  const double measured = seconds(report.measured);
  return measured > 0 ? seconds(report.cpu_time - report.polled) / measured : 0;
}

std::string sweep_note(std::string_view label, const std::string& text) {
  return labelled(label, text, sweep_label_columns);
}

/// Columns are counted in letters, and a micro sign has two bytes.
std::string right_aligned(const std::string& text, std::size_t columns) {
  const auto letters = static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
  return std::string(columns > letters ? columns - letters : 0, ' ') + text;
}

std::string verdict_cell(const LoadReport& report) {
  std::string heading(verdict_heading(verdict_of(report)));
  return heading == "NOTHING SUCCEEDED" ? "NO ANSWER" : heading;
}

std::string end_line(const SweepResult& result) {
  if (result.end == SweepEnd::interrupted) return sweep_note("NOTE", "interrupted");
  if (result.left_out.empty()) return {};
  const std::string rest =
      result.left_out.size() == 1
          ? rate_figure(result.left_out.front(), sweep_rate_columns) + " was"
          : fmt::format("{} to {} were", rate_figure(result.left_out.front(), sweep_rate_columns),
                        rate_figure(result.left_out.back(), sweep_rate_columns));
  return sweep_note("NOTE", fmt::format("{}: {} not tried",
                                        result.end == SweepEnd::saturated
                                            ? "two rates in a row were more than the server can do"
                                            : "the server did not answer",
                                        rest));
}

/// The first reason, where several runs have the same.
std::string trust_line(const SweepResult& result) {
  for (const LoadReport& report : result.reports) {
    for (const TrustCheck& check : report.trust) {
      if (check.ok || check.weight != TrustWeight::veto) continue;
      return sweep_note(
          "TRUST", fmt::format("{}: {}; {}",
                               rate_figure(report.options.rate.value_or(0), sweep_rate_columns),
                               check.text, check.remedy));
    }
  }
  return {};
}

std::string error_line(const SweepResult& result) {
  for (const LoadReport& report : result.reports) {
    for (const ErrorKind kind : error_kinds) {
      if (report.errors.count(kind) == 0) continue;
      return sweep_note(
          "ERRORS",
          fmt::format("{}: {} of kind {}, such as: {}",
                      rate_figure(report.options.rate.value_or(0), sweep_rate_columns),
                      report.errors.count(kind), to_text(kind), report.errors.example(kind)));
    }
  }
  return {};
}

}  // namespace

std::string sweep_head() {
  return fmt::format("{:>{}} {:>{}}{:>9}{:>9}{:>9}{:>9}{:>5}{:>5} {}", "offered",
                     sweep_rate_columns, "answered", sweep_rate_columns, "p50", "p90", "p99",
                     "p99.9", "gen", "srv", "verdict");
}

std::string sweep_line(const LoadReport& report, TextStyle style) {
  std::string out = fmt::format(
      "{:>{}} {:>{}}", rate_figure(report.options.rate.value_or(0), sweep_rate_columns),
      sweep_rate_columns, rate_figure(rate_of(report), sweep_rate_columns), sweep_rate_columns);
  const CensoredHistogram& latency = report.latency.primary();
  for (const double percentile : percentiles) {
    // One that needs every column still stands off its neighbour.
    out += " " + right_aligned(percentile_cell(latency, percentile, style), 8);
  }
  const auto& server = report.host.server_cpu_share;
  out += fmt::format("{:>5}", fmt::format("{:.0f}%", 100 * generator_cpu_share(report)));
  out += fmt::format("{:>5}", server ? fmt::format("{:.0f}%", 100 * *server) : "-");
  return out + " " + verdict_cell(report);
}

std::string sweep_text(const SweepResult& result, TextStyle style) {
  std::string out = sweep_head() + '\n';
  for (const LoadReport& report : result.reports) out += sweep_line(report, style) + '\n';
  out += "gen, srv: CPU of generator (polling left out) and server, of one processor\n";
  return out + end_line(result) + error_line(result) + trust_line(result);
}

std::string sweep_json(std::span<const LoadReport> reports) {
  std::string json = "[";
  for (const LoadReport& report : reports) {
    json += (json.size() > 1 ? ",\n" : "\n") + report_json(report);
  }
  return json + "\n]\n";
}

std::string sweep_csv(std::span<const LoadReport> reports) {
  std::string out =
      "offered_per_s,answered_per_s,p50_ns,p90_ns,p99_ns,p99.9_ns,max_ns,errors,"
      "generator_cpu_share,server_cpu_share,verdict\n";
  for (const LoadReport& report : reports) {
    out += fmt::format("{},{:.3f}", report.options.rate.value_or(0), rate_of(report));
    const CensoredHistogram& latency = report.latency.primary();
    for (const double percentile : percentiles) {
      out += latency.empty() ? "," : fmt::format(",{}", latency.percentile(percentile).value);
    }
    out += latency.empty() ? "," : fmt::format(",{}", latency.max().value);
    const auto& server = report.host.server_cpu_share;
    out += fmt::format(",{},{:.4f},{},{}\n", report.errors.total(), generator_cpu_share(report),
                       server ? fmt::format("{:.4f}", *server) : "", verdict_word(report));
  }
  return out;
}

ExitCode exit_code_of(const SweepResult& result) noexcept {
  if (result.end == SweepEnd::interrupted) return ExitCode::interrupted;
  if (result.end == SweepEnd::nothing_succeeded) return ExitCode::nothing_succeeded;
  const auto any = [&result](const auto& predicate) {
    return std::any_of(result.reports.begin(), result.reports.end(), predicate);
  };
  if (any([](const LoadReport& report) {
        return report.options.is_strict && is_untrusted(report);
      })) {
    return ExitCode::untrusted;
  }
  if (any([](const LoadReport& report) { return report.aborted; })) return ExitCode::aborted;
  const bool has_errors = any([](const LoadReport& report) {
    return verdict_of(report) == Verdict::failed && !is_saturated(report);
  });
  return has_errors ? ExitCode::run_failed : ExitCode::done;
}

}  // namespace weir::tools::load
