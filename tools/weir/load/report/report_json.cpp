#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/weir/common/cpu_list.h"
#include "tools/weir/common/json_text.h"
#include "tools/weir/load/report/datagram_json.h"
#include "tools/weir/load/report/latency_json.h"
#include "tools/weir/load/report/report.h"
#include "tools/weir/load/trust/doubts.h"

namespace weir::tools::load {
namespace {

double in_seconds(std::chrono::nanoseconds duration) noexcept {
  return std::chrono::duration<double>(duration).count();
}

Json config_json(const LoadReport& report) {
  const Options& options = report.options;
  Json config = {{"argv", report.arguments},
                 {"target", options.target.text},
                 {"load", options.rate ? "rate" : "closed"},
                 {"connections", options.connections},
                 {"depth", options.depth},
                 {"message_bytes", options.message_bytes},
                 {"duration_s", in_seconds(options.duration)},
                 {"timeout_s", in_seconds(options.timeout)},
                 {"shards", options.shards},
                 {"cpus", format_cpu_list(options.cpus)},
                 {"backend", to_string(options.backend)}};
  if (report.datagrams) {
    config.erase("timeout_s");
    config["rate"] = options.rate ? Json(*options.rate) : Json();
    config["lost_after_s"] = in_seconds(options.lost_after);
    config["answers"] = options.answers == Answers::echo ? "echo" : "none";
  }
  return config;
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

Json series_json(const LoadReport& report) {
  Json columns = {"done", "err", "p50", "p99", "max"};
  if (report.datagrams) columns.push_back("lost");
  Json rows = Json::array();
  for (const SecondSummary& second : report.seconds.rows()) {
    rows.push_back(Json::array({second.answered, second.errors, second.p50.count(),
                                second.p99.count(), second.max.count()}));
    if (report.datagrams) rows.back().push_back(second.lost);
  }
  return {{"dt_s", 1}, {"cols", columns}, {"rows", rows}};
}

/// A closed loop has no schedule, so there is no response time from a due time on: what is measured
/// is the service time.
Json latencies_json(const LoadReport& report) {
  const bool has_schedule = report.options.rate.has_value();
  Json latencies = Json::object();
  latencies[has_schedule ? "response" : "service"] = latency_json(report.latency.primary().all());
  if (has_schedule && report.datagrams) {
    latencies["send_lag"] = latency_json(report.datagrams->send_lag);
  }
  return latencies;
}

Json phase_json(const LoadReport& report) {
  Json phase = {
      {"name", "measure"},
      {"start_ns", 0},
      {"dur_s", in_seconds(report.measured)},
      {"sent", report.requests.sent},
      {"done", report.requests.answered},
      {"rate", rate_of(report)},
      {"errors", errors_json(report.errors)},
      {"error_examples", examples_json(report.errors)},
      {"bytes", {{"tx", report.requests.sent_bytes}, {"rx", report.requests.received_bytes}}},
      {"conns",
       {{"requested", report.options.connections},
        {"established", report.connections.established}}},
      {"latency", latencies_json(report)},
      {"generator_cpu_s", in_seconds(report.cpu_time)},
      {"series", series_json(report)}};
  if (report.datagrams) {
    phase["datagrams"] = datagrams_json(report);
    phase["lost_where"] = loss_parts_json(find_loss_parts(*report.datagrams));
    phase["kernel"] = host_counters_json(*report.datagrams);
  }
  return phase;
}

Json doubts_json(const LoadReport& report) {
  Json doubts = Json::array();
  for (const Doubt& doubt : find_doubts(report)) {
    doubts.push_back({{"kind", to_text(doubt.kind)}, {"text", doubt.text}});
  }
  return doubts;
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
