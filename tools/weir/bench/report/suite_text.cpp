#include "tools/weir/bench/report/suite_text.h"

#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "tools/weir/bench/rounds/target_verdict.h"

namespace weir::tools::bench {
namespace {

struct TextColumn {
  SuiteMetric metric;
  std::string_view title;
  int decimals;
};

constexpr std::array text_columns = {
    TextColumn{.metric = SuiteMetric::rate, .title = "{unit}s/s", .decimals = 0},
    TextColumn{.metric = SuiteMetric::cpu, .title = "CPU ns", .decimals = 0},
    TextColumn{.metric = SuiteMetric::client_cpu, .title = "client ns", .decimals = 0},
    TextColumn{.metric = SuiteMetric::p50, .title = "p50 us", .decimals = 1},
    TextColumn{.metric = SuiteMetric::p99, .title = "p99 us", .decimals = 1},
    TextColumn{.metric = SuiteMetric::p999, .title = "p99.9 us", .decimals = 1},
    TextColumn{.metric = SuiteMetric::memory, .title = "bytes each", .decimals = 0},
    TextColumn{.metric = SuiteMetric::idle_cpu, .title = "idle us/s", .decimals = 1},
    TextColumn{.metric = SuiteMetric::idle_calls, .title = "idle calls/s", .decimals = 1},
};

bool is_measured(const CaseResult& result, SuiteMetric metric) {
  for (const ContenderResult& contender : result.contenders) {
    if (!contender.samples.of(metric).empty()) return true;
  }
  return false;
}

std::string contender_lines(const CaseResult& result) {
  std::string text = fmt::format("  {:<18}", "");
  for (const TextColumn& column : text_columns) {
    if (!is_measured(result, column.metric)) continue;
    const std::string title = column.metric == SuiteMetric::rate
                                  ? fmt::format("{}s/s", result.spec.unit)
                                  : std::string(column.title);
    text += fmt::format("{:>14}", title);
  }
  text += fmt::format("{:>12}\n", "calls");
  for (const ContenderResult& contender : result.contenders) {
    text += fmt::format("  {:<18}", contender.spec.name);
    for (const TextColumn& column : text_columns) {
      if (!is_measured(result, column.metric)) continue;
      const bool is_there = !contender.samples.of(column.metric).empty();
      text += is_there ? fmt::format("{:>14.{}f}", contender.samples.median(column.metric),
                                     column.decimals)
                       : fmt::format("{:>14}", "-");
    }
    text += contender.calls ? fmt::format("{:>12.3f}\n", *contender.calls)
                            : fmt::format("{:>12}\n", "-");
  }
  return text;
}

}  // namespace

std::string ratio_text(const load::PairedRatio& ratio) {
  return fmt::format("{:.3f} [{:.3f}, {:.3f}]", ratio.estimate, ratio.low, ratio.high);
}

std::string_view verdict_text(const SuiteComparison& comparison) noexcept {
  if (comparison.has_too_few_rounds()) return to_text(TargetVerdict::too_few_rounds);
  return load::to_text(comparison.verdict);
}

std::string noise_text(const SuiteComparison& twice) {
  if (twice.has_too_few_rounds()) return std::string(to_text(TargetVerdict::too_few_rounds));
  const bool is_noisy = twice.ratio.half_width() > load::stable_half_width_max;
  return std::string(is_noisy ? to_text(TargetVerdict::unstable) : "");
}

std::string standing_text(const SuiteComparison& comparison) {
  if (!comparison.target) {
    if (comparison.has_too_few_rounds()) return std::string(verdict_text(comparison));
    const bool is_unstable = comparison.verdict == load::ComparisonVerdict::unstable;
    return std::string(is_unstable ? to_text(TargetVerdict::unstable) : verdict_text(comparison));
  }
  const TargetVerdict verdict = judge(comparison);
  std::string beside_target = fmt::format(
      "{} {:.3g}: {}",
      better_when(comparison.metric) == load::BetterWhen::lower ? "<=" : ">=", *comparison.target,
      to_text(verdict));
  // Where there is no verdict, there is none on either question.
  if (verdict == TargetVerdict::too_few_rounds || verdict == TargetVerdict::unstable) {
    return beside_target;
  }
  return fmt::format("{}; {}", verdict_text(comparison), beside_target);
}

std::string metric_text(SuiteMetric metric, const std::string& unit) {
  const bool is_each = metric == SuiteMetric::cpu || metric == SuiteMetric::client_cpu ||
                       metric == SuiteMetric::both_cpu || metric == SuiteMetric::memory;
  return fmt::format("{}{}{}", title_of(metric), is_each ? " a " : " of ",
                     is_each ? unit : unit + "s");
}

std::string pair_text(const SuiteComparison& comparison) {
  return fmt::format("{} / {}{}", comparison.numerator, comparison.denominator,
                     comparison.is_better_raw ? "*" : "");
}

std::string limit_sentence(const JudgedLimit& limit) {
  return fmt::format("{}: {} {:.1f}, at most {:g} wanted: {}", limit.contender,
                     title_of(limit.limit.metric), limit.median, limit.limit.limit,
                     limit.is_met() ? "met" : "missed");
}

std::vector<std::string> limit_sentences(const CaseResult& result) {
  std::vector<std::string> sentences;
  for (const JudgedLimit& limit : judged_limits(result)) {
    sentences.push_back(limit_sentence(limit));
  }
  return sentences;
}

std::string case_text(const CaseResult& result) {
  std::string text =
      fmt::format("\n{} {}: {}\n", result.spec.suite, result.spec.name, result.spec.title);
  if (!result.failure.empty())
    text += fmt::format("  FAILED after {} rounds: {}\n", result.rounds, result.failure);
  if (result.rounds == 0) return text;
  text += contender_lines(result);
  for (const std::string& sentence : limit_sentences(result)) {
    text += fmt::format("  {}\n", sentence);
  }
  for (const ComparedMetric& compared : result.spec.compared) {
    bool is_first = true;
    for (const SuiteComparison& comparison : result.comparisons) {
      if (comparison.metric != compared.metric) continue;
      if (std::exchange(is_first, false)) {
        text += fmt::format("  {}, ratios in {} rounds [95 %]\n",
                            metric_text(compared.metric, result.spec.unit), result.rounds);
      }
      text += fmt::format("    {:<34}{:<24}{}\n", pair_text(comparison),
                          ratio_text(comparison.ratio), standing_text(comparison));
    }
    for (const SuiteComparison& twice : result.no_change) {
      if (twice.metric != compared.metric) continue;
      text +=
          fmt::format("    {:<34}{:<24}{}\n", "A/A", ratio_text(twice.ratio), noise_text(twice));
    }
  }
  for (const std::string& note : result.notes) text += fmt::format("  NOTE {}\n", note);
  return text;
}

std::string cases_text(const SuiteMean& mean) {
  std::string text = fmt::format("{} case{}", mean.cases, mean.cases == 1 ? "" : "s");
  if (mean.failed > 0) text += fmt::format(" ({} failed)", mean.failed);
  return text + fmt::format(", {} rounds", mean.comparison.ratio.pairs);
}

std::string rounds_text(const SuiteResult& result) {
  std::string rounds = fmt::format("{} rounds of {} ms", result.rounds, result.cell.count());
  if (!result.precision) return rounds;
  return fmt::format("up to {}, until {}", rounds, precision_text(*result.precision));
}

std::string summary_text(const SuiteResult& result) {
  std::string text;
  if (!result.means.empty()) text += "\nGeometric means over the cases of a suite\n";
  for (const SuiteMean& mean : result.means) {
    const SuiteComparison& one = mean.comparison;
    text +=
        fmt::format("  {:<9}{:<6}{:<34}{:<24}over {}, {}\n", mean.suite, title_of(one.metric),
                    pair_text(one), ratio_text(one.ratio), cases_text(mean), standing_text(one));
  }
  for (const std::string& reason : result.left_out) {
    text += fmt::format("Left out: {}\n", reason);
  }
  return text;
}

}  // namespace weir::tools::bench
