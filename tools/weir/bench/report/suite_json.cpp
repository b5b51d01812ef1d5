#include "tools/weir/bench/report/suite_json.h"

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/weir/bench/report/benchmark_context.h"
#include "tools/weir/bench/report/machine_record.h"
#include "tools/weir/bench/report/suite_text.h"
#include "tools/weir/bench/rounds/target_verdict.h"
#include "tools/weir/common/shell_words.h"
#include "tools/weir/load/report/latency_json.h"
#include "tools/weir/load/stats/percentile_interval.h"

namespace weir::tools::bench {
namespace {

std::string full_name(const CaseSpec& spec, const std::string& contender) {
  return fmt::format("{}/{}/{}", spec.suite, spec.name, contender);
}

/// An entry of Google Benchmark for one round of one contender.
Json round_json(const CaseResult& result, const ContenderResult& contender, unsigned round) {
  const std::string name = full_name(result.spec, contender.spec.name);
  Json entry = {{"name", name},
                {"run_name", name},
                {"run_type", "iteration"},
                {"repetitions", result.rounds},
                {"repetition_index", round},
                {"threads", 1},
                {"iterations", 1}};
  const auto value_of = [&](SuiteMetric metric) {
    const std::vector<double>& values = contender.samples.of(metric);
    return round < values.size() ? values[round] : 0;
  };
  const double rate = value_of(SuiteMetric::rate);
  entry["real_time"] = rate > 0 ? 1e9 / rate : 0;
  entry["cpu_time"] = value_of(SuiteMetric::cpu);
  entry["time_unit"] = "ns";
  if (rate > 0) entry["items_per_second"] = rate;
  for (std::size_t i = 0; i < suite_metric_count; ++i) {
    const auto metric = static_cast<SuiteMetric>(i);
    if (round < contender.samples.of(metric).size()) {
      entry[std::string(to_text(metric))] = value_of(metric);
    }
  }
  if (contender.calls) entry["system_calls"] = *contender.calls;
  return entry;
}

/// The percentile of each round, where it was measured. Rounds are apart in time, so their spread
/// is that of independent measurements, which that of single requests is not.
std::vector<std::uint64_t> round_percentiles(const ContenderResult& contender, double percentile) {
  std::vector<std::uint64_t> rounds_ns;
  for (const auto& [measured, metric] :
       {std::pair(50.0, SuiteMetric::p50), std::pair(99.0, SuiteMetric::p99),
        std::pair(99.9, SuiteMetric::p999)}) {
    if (measured != percentile) continue;
    for (const double us : contender.samples.of(metric)) {
      rounds_ns.push_back(static_cast<std::uint64_t>(std::llround(us * 1e3)));
    }
  }
  return rounds_ns;
}

/// As `weir load` writes it: `{"service": {"unit": "ns", ..., "hdr": "HISTF..."}}`.
Json contender_latency_json(const ContenderResult& contender) {
  const load::CensoredHistogram& samples = contender.latency->samples;
  const auto lookup = [&](double percentile) {
    return load::estimate_percentile(samples, percentile, round_percentiles(contender, percentile));
  };
  Json json = Json::object();
  json[std::string(to_text(contender.latency->start))] = load::latency_json(samples, lookup);
  return json;
}

Json comparison_json(const SuiteComparison& comparison) {
  Json json = {{"numerator", comparison.numerator},
               {"denominator", comparison.denominator},
               {"metric", to_text(comparison.metric)},
               {"ratio", comparison.ratio.estimate},
               {"low", comparison.ratio.low},
               {"high", comparison.ratio.high},
               {"pairs", comparison.ratio.pairs},
               {"verdict", verdict_text(comparison)},
               {"noise", comparison.noise},
               {"is_better_raw", comparison.is_better_raw}};
  if (comparison.target) {
    json["target"] = *comparison.target;
    json["target_verdict"] = to_text(judge(comparison));
  }
  return json;
}

Json case_json(const CaseResult& result) {
  Json contenders = Json::array();
  for (const ContenderResult& contender : result.contenders) {
    Json json = {{"name", contender.spec.name},
                 {"role", to_text(contender.spec.role)},
                 {"backend", contender.spec.backend},
                 {"command", shell_command(contender.spec.command)},
                 {"run_name", full_name(result.spec, contender.spec.name)}};
    if (contender.latency) json["latency"] = contender_latency_json(contender);
    contenders.push_back(std::move(json));
  }
  Json comparisons = Json::array();
  for (const SuiteComparison& one : result.comparisons) comparisons.push_back(comparison_json(one));
  Json no_change = Json::array();
  for (const SuiteComparison& one : result.no_change) no_change.push_back(comparison_json(one));
  Json json = {{"suite", result.spec.suite},
               {"name", result.spec.name},
               {"title", result.spec.title},
               {"unit", result.spec.unit},
               {"rounds", result.rounds},
               {"command", result.command},
               {"contenders", std::move(contenders)},
               {"comparisons", std::move(comparisons)},
               {"no_change", std::move(no_change)},
               {"limits", limit_sentences(result)},
               {"notes", result.notes}};
  if (!result.failure.empty()) json["failure"] = result.failure;
  return json;
}

}  // namespace

Json suite_json(const SuiteResult& result, const std::string& command) {
  Json context = benchmark_context(result.machine, command);
  context.update({{"server_cpu", result.cpus.server},
                  {"client_cpu", result.cpus.client},
                  {"realtime", result.is_realtime},
                  {"effort", to_text(result.effort)},
                  {"rounds", result.rounds},
                  {"cell_ms", result.cell.count()}});
  if (result.precision) context["precision"] = *result.precision;
  add_machine_record(context,
                     {.before = result.before, .after = result.after, .noise = result.noise});
  Json benchmarks = Json::array();
  Json cases = Json::array();
  for (const CaseResult& one : result.cases) {
    for (const ContenderResult& contender : one.contenders) {
      for (unsigned round = 0; round < one.rounds; ++round) {
        benchmarks.push_back(round_json(one, contender, round));
      }
    }
    cases.push_back(case_json(one));
  }
  Json means = Json::array();
  for (const SuiteMean& mean : result.means) {
    Json json = comparison_json(mean.comparison);
    json["suite"] = mean.suite;
    json["cases"] = mean.cases;
    json["failed_cases"] = mean.failed;
    means.push_back(std::move(json));
  }
  return {{"context", std::move(context)},
          {"benchmarks", std::move(benchmarks)},
          {"weir",
           {{"format", "weir-bench-suite"},
            {"version", 1},
            {"cases", std::move(cases)},
            {"means", std::move(means)},
            {"left_out", result.left_out}}}};
}

}  // namespace weir::tools::bench
