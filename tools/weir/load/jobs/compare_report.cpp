#include "tools/weir/load/jobs/compare_report.h"

#include <chrono>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/weir/common/duration.h"
#include "tools/weir/load/report/labelled_line.h"
#include "tools/weir/load/screen/figure_text.h"

namespace weir::tools::load {
namespace {

constexpr std::size_t compare_label_columns = 9;
constexpr std::size_t compared_rate_columns = 14;
/// A cell's automatic warm-up, connecting and settling, as a share of what it measures.
constexpr double warm_up_share = 0.3;

std::string compare_line(std::string_view label, const std::string& text) {
  return labelled(label, text, compare_label_columns);
}

std::string_view name_of(CompareMetric metric) noexcept {
  return metric == CompareMetric::cpu_per_answer ? "CPU" : to_text(metric);
}

std::string value_text(CompareMetric metric, double value, TextStyle style) {
  if (metric == CompareMetric::rate) return rate_figure(value, compared_rate_columns);
  return format_duration(std::chrono::nanoseconds(std::llround(value)), style);
}

std::string ratio_text(const PairedRatio& ratio) {
  return fmt::format("{:.3f} [{:.3f}, {:.3f}]", ratio.estimate, ratio.low, ratio.high);
}

std::string metric_line(const ComparedMetric& metric) {
  const PairedComparison& comparison = metric.comparison;
  const TextStyle plain;  // a micro sign would shift the columns
  const std::string band =
      comparison.no_change
          ? fmt::format("[{:.3f}, {:.3f}]", comparison.no_change->low, comparison.no_change->high)
          : "-";
  const std::string_view verdict = to_text(comparison.verdict);
  return fmt::format(
      "  {:<5}{:>11}{:>11}  {:<21}  {:<14}  {}\n", name_of(metric.metric),
      value_text(metric.metric, metric.medians[0], plain),
      value_text(metric.metric, metric.medians[1], plain), ratio_text(comparison.ratio), band,
      comparison.verdict == ComparisonVerdict::no_difference_shown ? std::string("no diff.")
                                                                   : fmt::format("B {}", verdict));
}

std::string conclusion(const CompareResult& result) {
  if (result.metrics.empty()) return "nothing: no round is complete";
  if (is_slower(result)) return "B is slower, beyond noise";
  bool is_faster = false;
  bool is_unstable = false;
  for (const ComparedMetric& metric : result.metrics) {
    if (metric.metric == CompareMetric::cpu_per_answer) continue;
    is_faster = is_faster || metric.comparison.verdict == ComparisonVerdict::faster;
    is_unstable = is_unstable || metric.comparison.verdict == ComparisonVerdict::unstable;
  }
  if (is_faster) return "B is faster, beyond noise";
  if (is_unstable) return "nothing: this machine is too unsteady; more --rounds may help";
  return "no difference shown";
}

std::string notes(const CompareResult& result) {
  std::string out;
  if (result.errors[0] + result.errors[1] + result.errors[2] > 0) {
    out += compare_line("ERRORS", fmt::format("A {}, B {}, A again {}", result.errors[0],
                                              result.errors[1], result.errors[2]));
  }
  if (result.untrusted_cells > 0) {
    std::string text = fmt::format("{} of {} runs are untrusted, the first because {}",
                                   result.untrusted_cells, result.cells, result.doubt);
    if (!result.remedy.empty()) text += "; " + result.remedy;
    out += compare_line("TRUST", text);
  }
  if (result.end == CompareEnd::interrupted) out += compare_line("NOTE", "interrupted");
  return out;
}

Json ratio_json(const PairedRatio& ratio) {
  return {{"estimate", ratio.estimate}, {"ci95", {ratio.low, ratio.high}}, {"pairs", ratio.pairs}};
}

Json metric_json(const ComparedMetric& metric) {
  const PairedComparison& comparison = metric.comparison;
  return {{"metric", to_text(metric.metric)},
          {"unit", metric.metric == CompareMetric::rate ? "per_s" : "ns"},
          {"median",
           {{"a", metric.medians[0]}, {"b", metric.medians[1]}, {"a_again", metric.medians[2]}}},
          {"ratio", ratio_json(comparison.ratio)},
          {"no_change", comparison.no_change ? ratio_json(*comparison.no_change) : Json()},
          {"p_value", comparison.p_value},
          {"halves_agree", comparison.halves_agree},
          {"verdict", to_text(comparison.verdict)},
          {"rounds", metric.rounds}};
}

std::string_view end_word(CompareEnd end) noexcept {
  switch (end) {
    case CompareEnd::complete:
      return "complete";
    case CompareEnd::no_answer:
      return "no_answer";
    case CompareEnd::interrupted:
      return "interrupted";
  }
  return {};
}

}  // namespace

std::string compare_plan_text(const CompareOptions& options) {
  const auto cell = cell_length(options);
  const auto warm_up = options.run.warm_up.value_or(
      std::chrono::duration_cast<std::chrono::nanoseconds>(warm_up_share * cell));
  const auto total = options.rounds * contenders.size() * (cell + warm_up);
  return fmt::format(
      "weir load compare  A {}  B {}\n{} rounds of A, B and A again, {} each, in "
      "random order: about {} s",
      options.run.target.text, options.run.more_targets.front().text, options.rounds,
      format_seconds(cell), std::chrono::ceil<std::chrono::seconds>(total).count());
}

std::string round_line(const CompareOptions& options, std::uint32_t round, CompareMetric metric,
                       const MetricRound& values, TextStyle style) {
  return fmt::format("round {:>3} of {}  {}  A {}  B {}  A again {}", round, options.rounds,
                     name_of(metric), value_text(metric, values[0], style),
                     value_text(metric, values[1], style), value_text(metric, values[2], style));
}

std::string compare_text(const CompareOptions& options, const CompareResult& result, TextStyle) {
  std::string out = compare_line("A", options.run.target.text);
  out += compare_line("B", options.run.more_targets.front().text);
  if (result.end == CompareEnd::no_answer) {
    out += compare_line(
        "RESULT", fmt::format("none: {} did not answer: {}", result.silent_target, result.silence));
    return out;
  }
  out += compare_line("RESULT", conclusion(result));
  if (!result.metrics.empty()) {
    out += fmt::format("  {:<5}{:>11}{:>11}  {:<21}  {:<14}\n", "", "A", "B", "B/A [95 %]",
                       "A/A [95 %]");
    for (const ComparedMetric& metric : result.metrics) out += metric_line(metric);
    out += compare_line(
        "", fmt::format("medians of {} rounds; CPU: the server's, an answer", result.rounds));
  }
  return out + notes(result);
}

Json compare_json(const CompareOptions& options, const CompareResult& result) {
  Json metrics = Json::array();
  for (const ComparedMetric& metric : result.metrics) metrics.push_back(metric_json(metric));
  return {
      {"schema", "weir.load.compare/1"},
      {"end", end_word(result.end)},
      {"exit_code", to_int(exit_code_of(options, result))},
      {"a", options.run.target.text},
      {"b", options.run.more_targets.front().text},
      {"cell_s", std::chrono::duration<double>(cell_length(options)).count()},
      {"rounds", result.rounds},
      {"slower", is_slower(result)},
      {"metrics", metrics},
      {"errors", {{"a", result.errors[0]}, {"b", result.errors[1]}, {"a_again", result.errors[2]}}},
      {"cells", result.cells},
      {"untrusted_cells", result.untrusted_cells},
      {"doubt", result.doubt},
      {"remedy", result.remedy}};
}

ExitCode exit_code_of(const CompareOptions& options, const CompareResult& result) noexcept {
  if (result.end == CompareEnd::no_answer) return ExitCode::nothing_succeeded;
  if (result.end == CompareEnd::interrupted) return ExitCode::interrupted;
  if (options.run.is_strict && 2 * result.untrusted_cells > result.cells) {
    return ExitCode::untrusted;
  }
  return is_slower(result) ? ExitCode::slower : ExitCode::done;
}

}  // namespace weir::tools::load
