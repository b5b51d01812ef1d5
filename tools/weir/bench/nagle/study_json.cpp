#include "tools/weir/bench/nagle/study_json.h"

#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "tools/weir/bench/nagle/findings.h"
#include "tools/weir/bench/report/benchmark_context.h"
#include "tools/weir/bench/report/machine_record.h"
#include "tools/weir/common/environment_json.h"

namespace weir::tools::bench {
namespace {

Json cell_json(const CellSummary& cell) {
  Json rounds = Json::array();
  for (const CellMetrics& round : cell.rounds) {
    Json values = Json::object();
    for (std::size_t i = 0; i < metric_count; ++i) {
      values[std::string(to_text(static_cast<Metric>(i)))] = round[i];
    }
    rounds.push_back(std::move(values));
  }
  Json json = {
      {"name", describe(cell)},
      {"scenario", cell.spec.scenario},
      {"path", cell.path},
      {"case", cell.spec.name},
      {"mode", to_text(cell.spec.mode)},
      {"sender", sender_text(cell.spec)},
      {"acks", cell.spec.acks == AckMode::quick ? "quick" : "delayed"},
      {"parts_bytes", cell.spec.parts},
      {"answer_bytes", cell.spec.answer_bytes},
      {"depth", cell.spec.depth},
      {"interval_ns", cell.spec.interval.count()},
      {"burst", cell.spec.burst},
      {"end", cell.spec.end == StreamEnd::after_answer ? "after_answer" : "with_last_message"},
      {"batch_bytes", cell.spec.batch_bytes},
      {"batch_delay_ns", cell.spec.batch_delay.count()},
      {"bulk_bytes", cell.spec.bulk_bytes},
      {"settling_ns", cell.spec.settling.count()},
      {"notsent_lowat_bytes", cell.spec.notsent_lowat_bytes},
      {"congestion_control", cell.congestion_control},
      {"autocorking", cell.spec.autocorking == Autocorking::on},
      {"path_mtu", cell.traits.mtu},
      {"path_rtt_ns", cell.traits.rtt.count()},
      {"path_bits_per_s", cell.traits.bits_per_s},
      {"trusted", cell.is_trusted()},
      {"rounds", std::move(rounds)}};
  if (!cell.failure.empty()) json["failure"] = cell.failure;
  return json;
}

/// An entry of Google Benchmark for one round of a cell: its median latency or age as `real_time`,
/// what its sender takes a message as `cpu_time`.
Json round_json(const CellSummary& cell, std::size_t round) {
  const CellMetrics& metrics = cell.rounds[round];
  const auto value_of = [&](Metric metric) { return metrics[std::to_underlying(metric)]; };
  const std::string name = "nagle/" + describe(cell);
  const double rate = value_of(Metric::messages_per_s);
  const double us = value_of(Metric::p50_us);
  Json entry = {{"name", name},
                {"run_name", name},
                {"run_type", "iteration"},
                {"repetitions", cell.rounds.size()},
                {"repetition_index", round},
                {"threads", 1},
                {"iterations", 1},
                // Messages of a flood may have no room for a time stamp.
                {"real_time", us > 0 || rate <= 0 ? 1e3 * us : 1e9 / rate},
                {"cpu_time", 1e3 * value_of(Metric::sender_cpu_us_per_message)},
                {"time_unit", "ns"}};
  if (rate > 0) entry["items_per_second"] = rate;
  for (std::size_t i = 0; i < metric_count; ++i) {
    entry[std::string(to_text(static_cast<Metric>(i)))] = metrics[i];
  }
  return entry;
}

}  // namespace

Json study_json(const StudyResult& result, const std::string& command) {
  Json cells = Json::array();
  for (const CellSummary& cell : result.cells) cells.push_back(cell_json(cell));
  Json findings = Json::array();
  for (const Finding& finding : findings_of(result.cells)) {
    findings.push_back({{"scenario", finding.scenario},
                        {"path", finding.path},
                        {"sentence", finding.sentence},
                        {"outcome", to_text(finding.outcome)},
                        {"is_expected", finding.outcome == Outcome::expected}});
  }
  Json context = benchmark_context(result.machine, command);
  context.update({{"effort", to_text(result.effort)},
                  {"rounds", result.rounds},
                  {"cell_ms", result.cell.count()}});
  Json ends = Json::array();
  for (const EndInterfaces& one : result.path_ends) {
    ends.push_back(
        {{"path", one.path}, {"end", one.end}, {"interfaces", interfaces_json(one.interfaces)}});
  }
  context["path_ends"] = std::move(ends);
  add_machine_record(context, result.record);
  Json benchmarks = Json::array();
  for (const CellSummary& cell : result.cells) {
    for (std::size_t round = 0; round < cell.rounds.size(); ++round) {
      benchmarks.push_back(round_json(cell, round));
    }
  }
  return {{"context", std::move(context)},
          {"benchmarks", std::move(benchmarks)},
          {"format", "weir-bench"},
          {"version", 1},
          {"suite", "nagle"},
          {"congestion_control", result.congestion_control},
          {"ends_apart", result.is_apart},
          {"left_out", result.left_out},
          {"cells", std::move(cells)},
          {"findings", std::move(findings)}};
}

}  // namespace weir::tools::bench
