#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/weir/common/duration.h"
#include "tools/weir/common/json_text.h"
#include "tools/weir/load/report/config_json.h"
#include "tools/weir/load/report/count_fields.h"
#include "tools/weir/load/report/datagram_json.h"
#include "tools/weir/load/report/judgement_json.h"
#include "tools/weir/load/report/latency_json.h"
#include "tools/weir/load/report/report.h"
#include "tools/weir/load/report/series_json.h"

namespace weir::tools::load {
namespace {

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

template <typename Counts, std::size_t n>
Json counts_json(const Counts& counts, const std::array<CountField<Counts>, n>& fields) {
  Json json = Json::object();
  for (const CountField<Counts>& one : fields) json[std::string(one.name)] = counts.*one.value;
  return json;
}

Json latencies_json(const LoadReport& report) {
  Json latencies = Json::object();
  for (const LatencyRow& row : latency_rows(report)) {
    latencies[std::string(row.key)] = latency_json(report, row);
  }
  // What a reader looks for is there even where nothing was answered. A closed loop has no
  // schedule, so there is no response time from a due time on.
  const std::string primary = report.options.rate ? "response" : "service";
  if (!latencies.contains(primary)) {
    latencies[primary] = latency_json(report, LatencyRow());
  }
  return latencies;
}

Json gaps_json(const GapSummary& gaps) {
  return {{"count", gaps.count},
          {"mean_ratio", gaps.mean_ratio},
          {"cv", gaps.cv},
          {"cv_wanted", gaps.cv_wanted ? Json(*gaps.cv_wanted) : Json()}};
}

Json connections_json(const LoadReport& report) {
  ConnectionCounts counts = report.connections;
  counts.requested = std::max<std::uint64_t>(counts.requested, report.options.connections);
  return counts_json(counts, connection_count_fields);
}

Json phase_json(const LoadReport& report) {
  const RequestCounts& requests = report.requests;
  Json phase = {{"name", "measure"},
                {"start_ns", 0},
                {"dur_s", in_seconds(report.measured)},
                {"warm_up_s", in_seconds(report.warm_up)},
                {"offered", requests.offered},
                {"sent", requests.sent},
                {"done", requests.answered},
                {"requests", counts_json(requests, request_count_fields)},
                {"rate", rate_of(report)},
                {"offered_rate", offered_rate_of(report)},
                {"errors", errors_json(report.errors)},
                {"error_examples", examples_json(report.errors)},
                {"bytes", {{"tx", requests.sent_bytes}, {"rx", requests.received_bytes}}},
                {"conns", connections_json(report)},
                {"latency", latencies_json(report)},
                {"gaps", gaps_json(report.gaps)},
                {"generator_cpu_s", in_seconds(report.cpu_time)},
                {"generator_polled_s", in_seconds(report.polled)},
                {"series", series_json(report)}};
  if (report.datagrams) {
    phase["datagrams"] = datagrams_json(report);
    phase["lost_where"] = loss_parts_json(find_loss_parts(*report.datagrams));
    phase["kernel"] = host_counters_json(*report.datagrams);
  }
  return phase;
}

Json labels_json(const OutputChoice& output) {
  Json labels = Json::object();
  for (const auto& [key, value] : output.labels) labels[key] = value;
  return labels;
}

}  // namespace

std::string report_json(const LoadReport& report) {
  // Whole microseconds: a double holds those of this century exactly, so they can be read back.
  const auto start = std::chrono::round<std::chrono::microseconds>(report.start.time_since_epoch());
  const double start_s = std::chrono::duration<double>(start).count();
  return json_text({{"schema", "weir.load/1"},
                    {"verdict", verdict_word(report)},
                    {"exit_code", to_int(exit_code_of(report))},
                    {"interrupted", report.interrupted},
                    {"aborted", report.aborted},
                    {"start_unix_s", start_s},
                    {"labels", labels_json(report.options.output)},
                    {"config", config_json(report)},
                    {"env", environment_json(report)},
                    {"phases", Json::array({phase_json(report)})},
                    {"trust", trust_json(report)},
                    {"slo", slo_json(report.slo)},
                    {"host", host_json(report.host)},
                    {"probe_complaint", report.probe_complaint},
                    {"kernel", kernel_json(report.host)}});
}

}  // namespace weir::tools::load
