#include "tools/weir/load/report/report_from_json.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/weir/load/report/config_from_json.h"
#include "tools/weir/load/report/count_fields.h"
#include "tools/weir/load/report/datagram_json.h"
#include "tools/weir/load/report/json_fields.h"
#include "tools/weir/load/report/judgement_json.h"
#include "tools/weir/load/report/latency_json.h"
#include "tools/weir/load/report/series_json.h"

namespace weir::tools::load {
namespace {

constexpr std::string_view schema = "weir.load/1";

template <typename Counts, std::size_t n>
void read_counts(const Json& json, const std::array<CountField<Counts>, n>& fields,
                 Counts& counts) {
  for (const CountField<Counts>& one : fields) counts.*one.value = count_of(field(json, one.name));
}

ErrorCounts errors_from_json(const Json& counts, const Json& examples) {
  ErrorCounts errors;
  for (const ErrorKind kind : error_kinds) {
    const std::uint64_t count = count_of(field(counts, to_text(kind)));
    if (count > 0) errors.add(kind, text_of(field(examples, to_text(kind))), count);
  }
  return errors;
}

/// The reason why a latency is none; empty if all are.
std::string read_latencies(const Json& json, LatencySet& latency) {
  struct Censored {
    std::string_view key;
    CensoredHistogram LatencySet::* value;
  };
  struct Plain {
    std::string_view key;
    Histogram LatencySet::* value;
  };
  for (const Censored& one :
       {Censored{"response", &LatencySet::response}, Censored{"service", &LatencySet::service}}) {
    auto read = latency_from_json(field(json, one.key));
    if (!read) return fmt::format("its latency \"{}\" is damaged: {}", one.key, read.error());
    latency.*one.value = *std::move(read);
  }
  for (const Plain& one :
       {Plain{"kernel_rtt", &LatencySet::kernel_rtt}, Plain{"send_lag", &LatencySet::send_lag},
        Plain{"conn_wait", &LatencySet::connection_wait}, Plain{"connect", &LatencySet::connect}}) {
    const auto read = latency_from_json(field(json, one.key));
    if (!read) return fmt::format("its latency \"{}\" is damaged: {}", one.key, read.error());
    latency.*one.value = read->all();
  }
  return {};
}

GapSummary gaps_from_json(const Json& json) {
  GapSummary gaps;
  gaps.count = count_of(field(json, "count"));
  gaps.mean_ratio = double_of(field(json, "mean_ratio"));
  gaps.cv = double_of(field(json, "cv"));
  if (const Json& wanted = field(json, "cv_wanted"); wanted.is_number()) {
    gaps.cv_wanted = double_of(wanted);
  }
  return gaps;
}

std::string read_phase(const Json& phase, LoadReport& report) {
  report.measured = seconds_of(field(phase, "dur_s"));
  report.warm_up = seconds_of(field(phase, "warm_up_s"));
  report.cpu_time = seconds_of(field(phase, "generator_cpu_s"));
  report.polled = seconds_of(field(phase, "generator_polled_s"));
  read_counts(field(phase, "requests"), request_count_fields, report.requests);
  report.requests.sent_bytes = count_of(field(field(phase, "bytes"), "tx"));
  report.requests.received_bytes = count_of(field(field(phase, "bytes"), "rx"));
  read_counts(field(phase, "conns"), connection_count_fields, report.connections);
  report.errors = errors_from_json(field(phase, "errors"), field(phase, "error_examples"));
  report.gaps = gaps_from_json(field(phase, "gaps"));
  report.seconds = series_from_json(field(phase, "series"));
  if (field(phase, "datagrams").is_object()) {
    report.datagrams = datagrams_from_json(phase);
  }
  if (std::string fault = read_latencies(field(phase, "latency"), report.latency); !fault.empty()) {
    return fault;
  }
  return {};
}

}  // namespace

std::expected<LoadReport, std::string> report_from_json(std::string_view text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return std::unexpected("it is not JSON");
  const std::string found = text_of(field(json, "schema"));
  if (found != schema) {
    return std::unexpected(found.empty()
                               ? "it is not a report of weir load: it names no schema"
                               : fmt::format("its schema is \"{}\", not \"{}\"", found, schema));
  }
  const Json& phases = field(json, "phases");
  if (!phases.is_array() || phases.empty()) return std::unexpected("it has no phases");
  LoadReport report;
  read_config(field(json, "config"), report);
  read_environment(field(json, "env"), report);
  report.start = std::chrono::system_clock::time_point(
      std::chrono::duration_cast<std::chrono::system_clock::duration>(std::chrono::microseconds(
          std::llround(std::clamp(double_of(field(json, "start_unix_s")), 0.0, 9e9) * 1e6))));
  report.interrupted = bool_of(field(json, "interrupted"));
  report.aborted = bool_of(field(json, "aborted"));
  if (const Json& labels = field(json, "labels"); labels.is_object()) {
    for (const auto& [key, value] : labels.items()) {
      report.options.output.labels.emplace_back(key, text_of(value));
    }
  }
  report.trust = trust_from_json(field(json, "trust"));
  report.slo = slo_from_json(field(json, "slo"));
  report.probe_complaint = text_of(field(json, "probe_complaint"));
  report.host = host_from_json(field(json, "host"), field(json, "kernel"));
  if (std::string fault = read_phase(phases.front(), report); !fault.empty()) {
    return std::unexpected(std::move(fault));
  }
  return report;
}

}  // namespace weir::tools::load
