#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/weir/common/cpu_list.h"
#include "tools/weir/common/json_text.h"
#include "tools/weir/load/doubts.h"
#include "tools/weir/load/report.h"

namespace weir::tools::load {
namespace {

double in_seconds(std::chrono::nanoseconds duration) noexcept {
  return std::chrono::duration<double>(duration).count();
}

Json config_json(const LoadReport& report) {
  const Options& options = report.options;
  return {{"argv", report.arguments},
          {"target", options.target.text},
          {"load", "closed"},
          {"connections", options.connections},
          {"depth", options.depth},
          {"message_bytes", options.message_bytes},
          {"duration_s", in_seconds(options.duration)},
          {"timeout_s", in_seconds(options.timeout)},
          {"shards", options.shards},
          {"cpus", format_cpu_list(options.cpus)},
          {"backend", to_string(options.backend)}};
}

Json environment_json(const LoadReport& report) {
  const Machine& machine = report.machine;
  return {{"version", report.version_line},
          {"is_optimized", report.is_optimized},
          {"backend", to_string(report.backend)},
          {"kernel_release", machine.kernel_release},
          {"cpu_model", machine.cpu_model},
          {"cpus_online", machine.cpus_online},
          {"cpus_allowed", machine.cpus_allowed},
          {"is_virtual", machine.is_virtual},
          {"governor", machine.governor},
          {"clock_source", machine.clock_source},
          {"congestion_control", machine.congestion_control},
          {"transparent_huge_pages", machine.huge_pages},
          {"load_average", machine.load_average}};
}

Json errors_json(const ErrorCounts& errors) {
  Json counts = Json::object();
  for (const ErrorKind kind : error_kinds) counts[std::string(to_text(kind))] = errors.count(kind);
  return counts;
}

Json examples_json(const ErrorCounts& errors) {
  Json examples = Json::object();
  for (const ErrorKind kind : error_kinds) {
    if (errors.count(kind) > 0) examples[std::string(to_text(kind))] = errors.example(kind);
  }
  return examples;
}

Json latency_json(const Histogram& latency) {
  Json percentiles = Json::object();
  for (const double percentile : {50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99, 99.999}) {
    percentiles[fmt::format("{:g}", percentile)] = latency.value_at_percentile(percentile);
  }
  return {{"unit", "ns"},
          {"count", latency.count()},
          {"min", latency.min()},
          {"mean", latency.mean()},
          {"max", latency.max()},
          {"p", percentiles},
          {"clipped", latency.clipped_count()}};
}

Json series_json(const std::vector<SecondSummary>& seconds) {
  Json rows = Json::array();
  for (const SecondSummary& second : seconds) {
    rows.push_back(Json::array({second.answered, second.errors, second.p50.count(),
                                second.p99.count(), second.max.count()}));
  }
  return {{"dt_s", 1}, {"cols", {"done", "err", "p50", "p99", "max"}}, {"rows", rows}};
}

Json phase_json(const LoadReport& report) {
  return {
      {"name", "measure"},
      {"start_ns", 0},
      {"dur_s", in_seconds(report.measured)},
      {"sent", report.sent},
      {"done", report.answered},
      {"rate", rate_of(report)},
      {"errors", errors_json(report.errors)},
      {"error_examples", examples_json(report.errors)},
      {"bytes", {{"tx", report.sent_bytes}, {"rx", report.received_bytes}}},
      {"conns", {{"requested", report.options.connections}, {"established", report.established}}},
      // A closed loop has no schedule, so there is no response time from a due time on: what is
      // measured is the service time.
      {"latency", {{"service", latency_json(report.latency)}}},
      {"generator_cpu_s", in_seconds(report.cpu_time)},
      {"series", series_json(report.seconds)}};
}

Json doubts_json(const LoadReport& report) {
  Json doubts = Json::array();
  for (const Doubt& doubt : find_doubts(report)) {
    doubts.push_back({{"kind", to_text(doubt.kind)}, {"text", doubt.text}});
  }
  return doubts;
}

std::string_view verdict_word(const LoadReport& report) {
  return verdict_of(report) == Verdict::ok ? "ok" : "failed";
}

}  // namespace

std::string report_json(const LoadReport& report) {
  const double start_s = std::chrono::duration<double>(report.start.time_since_epoch()).count();
  return json_text({{"schema", "weir.load/1"},
                    {"verdict", verdict_word(report)},
                    {"exit_code", to_int(exit_code_of(report))},
                    {"interrupted", report.interrupted},
                    {"start_unix_s", start_s},
                    {"config", config_json(report)},
                    {"env", environment_json(report)},
                    {"phases", Json::array({phase_json(report)})},
                    {"doubts", doubts_json(report)}});
}

}  // namespace weir::tools::load
