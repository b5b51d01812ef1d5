#include "tools/weir/bench/report/suite_text.h"

#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

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

std::string standing_text(const SuiteComparison& comparison) {
  if (!comparison.target) return std::string(load::to_text(comparison.verdict));
  const load::BetterWhen better = better_when(comparison.metric);
  return fmt::format("{} {:.3g}: {}",
                     better == load::BetterWhen::lower ? "<=" : ">=", *comparison.target,
                     to_text(judge(comparison.ratio, *comparison.target, better)));
}

std::string metric_text(SuiteMetric metric, const std::string& unit) {
  const bool is_each = metric == SuiteMetric::cpu || metric == SuiteMetric::client_cpu ||
                       metric == SuiteMetric::both_cpu || metric == SuiteMetric::memory;
  return fmt::format("{}{}{}", title_of(metric), is_each ? " a " : " of ",
                     is_each ? unit : unit + "s");
}

std::string mean_standing(const SuiteMean& mean) {
  if (!mean.target) return {};
  const bool is_low = better_when(mean.metric) == load::BetterWhen::lower;
  const bool is_met = is_low ? mean.ratio <= *mean.target : mean.ratio >= *mean.target;
  return fmt::format(", {} {:.3g}: {}", is_low ? "<=" : ">=", *mean.target,
                     is_met ? "met" : "missed");
}

std::string pair_text(const SuiteComparison& comparison) {
  return fmt::format("{} / {}{}", comparison.numerator, comparison.denominator,
                     comparison.is_better_raw ? "*" : "");
}

std::vector<std::string> limit_sentences(const CaseResult& result) {
  std::vector<std::string> sentences;
  for (const ContenderResult& contender : result.contenders) {
    if (contender.spec.role != Role::weir) continue;
    for (const AbsoluteLimit& limit : result.spec.limits) {
      if (contender.samples.of(limit.metric).empty()) continue;
      const double value = contender.samples.median(limit.metric);
      sentences.push_back(fmt::format("{}: {} {:.1f}, at most {:g} wanted: {}", contender.spec.name,
                                      title_of(limit.metric), value, limit.limit,
                                      value <= limit.limit ? "met" : "missed"));
    }
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
      const bool is_noisy = twice.ratio.half_width() > noise_max;
      text += fmt::format("    {:<34}{:<24}{}\n", "A/A", ratio_text(twice.ratio),
                          is_noisy ? "unstable: more rounds, or a quieter machine" : "");
    }
  }
  for (const std::string& note : result.notes) text += fmt::format("  NOTE {}\n", note);
  return text;
}

std::string summary_text(const SuiteResult& result) {
  std::string text;
  if (!result.means.empty()) text += "\nGeometric means over the cases of a suite\n";
  for (const SuiteMean& mean : result.means) {
    text +=
        fmt::format("  {:<9}{:<6}{:<34}{:.3f} over {} case{}{}\n", mean.suite,
                    title_of(mean.metric), fmt::format("{} / {}", mean.numerator, mean.denominator),
                    mean.ratio, mean.cases, mean.cases == 1 ? "" : "s", mean_standing(mean));
  }
  for (const std::string& reason : result.left_out) {
    text += fmt::format("Left out: {}\n", reason);
  }
  return text;
}

}  // namespace weir::tools::bench
