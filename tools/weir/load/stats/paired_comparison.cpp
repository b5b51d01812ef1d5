#include "tools/weir/load/stats/paired_comparison.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

namespace weir::tools::load {

namespace {

constexpr double effect_min = 0.02;
/// Intervals of fewer rounds are far too narrow, and would contradict each other by chance.
constexpr std::size_t rounds_in_half_min = 6;
/// 2^13 patterns are fewer than the random ones below.
constexpr std::size_t enumerated_rounds_max = 13;
constexpr std::uint64_t random_patterns = 10'000;

/// The sum of at most 64 values, with the sign of value i turned where bit i is set.
double signed_sum(std::span<const double> values, std::uint64_t turned) {
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sum += (turned >> i & 1) != 0 ? -values[i] : values[i];
  }
  return sum;
}

double randomly_signed_sum(std::span<const double> values, std::mt19937_64& random) {
  double sum = 0;
  for (std::size_t at = 0; at < values.size(); at += 64) {
    sum += signed_sum(values.subspan(at, std::min<std::size_t>(values.size() - at, 64)), random());
  }
  return sum;
}

bool do_halves_agree(std::span<const double> logs) {
  const std::size_t half = logs.size() / 2;
  if (half < rounds_in_half_min) return true;
  const PairedRatio first = ratio_of_logs(logs.first(half));
  const PairedRatio second = ratio_of_logs(logs.last(half));
  return first.low <= second.high && second.low <= first.high;
}

constexpr double significance_level = 0.05;

/// What an effect must exceed on this machine.
double effect_floor(const std::optional<PairedRatio>& no_change) {
  if (!no_change) return effect_min;
  return std::max(effect_min, no_change->noise());
}

ComparisonVerdict verdict_of(const PairedComparison& comparison, BetterWhen better) {
  const PairedRatio& ratio = comparison.ratio;
  const auto& no_change = comparison.no_change;
  if (no_change && no_change->half_width() > stable_half_width_max) {
    return ComparisonVerdict::unstable;
  }
  if (!comparison.halves_agree) return ComparisonVerdict::unstable;
  // With few rounds the bootstrap's interval is too narrow: the permutations have to agree.
  const bool excludes_one =
      (ratio.low > 1 || ratio.high < 1) && comparison.p_value < significance_level;
  if (ratio.pairs < comparison_rounds_min || !excludes_one ||
      std::abs(ratio.estimate - 1) <= effect_floor(no_change)) {
    return ComparisonVerdict::no_difference_shown;
  }
  const bool is_higher = ratio.estimate > 1;
  return is_higher == (better == BetterWhen::higher) ? ComparisonVerdict::faster
                                                     : ComparisonVerdict::slower;
}

}  // namespace

std::string_view to_text(ComparisonVerdict verdict) noexcept {
  switch (verdict) {
    case ComparisonVerdict::faster:
      return "faster";
    case ComparisonVerdict::slower:
      return "slower";
    case ComparisonVerdict::no_difference_shown:
      return "no difference shown";
    case ComparisonVerdict::unstable:
      return "unstable";
  }
  return "unknown";
}

double sign_flip_p_value(std::span<const double> log_ratios) {
  if (log_ratios.empty()) return 1;
  double magnitude = 0;
  for (const double log : log_ratios) magnitude += std::abs(log);
  // Sums that are equal on paper differ by rounding, and must count as equal.
  const double measured = std::accumulate(log_ratios.begin(), log_ratios.end(), 0.0);
  const double reached = std::abs(measured) - 1e-12 * magnitude;

  std::uint64_t as_far = 0;
  if (log_ratios.size() <= enumerated_rounds_max) {
    const std::uint64_t patterns = std::uint64_t{1} << log_ratios.size();
    for (std::uint64_t turned = 0; turned < patterns; ++turned) {
      as_far += std::abs(signed_sum(log_ratios, turned)) >= reached ? 1 : 0;
    }
    return static_cast<double>(as_far) / static_cast<double>(patterns);
  }
  std::mt19937_64 random(1);
  for (std::uint64_t pattern = 0; pattern < random_patterns; ++pattern) {
    as_far += std::abs(randomly_signed_sum(log_ratios, random)) >= reached ? 1 : 0;
  }
  // The measured pattern is one of those that chance could have drawn: p is never 0.
  return static_cast<double>(as_far + 1) / static_cast<double>(random_patterns + 1);
}

Result<PairedComparison> compare_pairs(const PairedSamples& samples) {
  const auto logs = log_ratios(samples.b, samples.a);
  if (!logs) return fail(logs.error());
  PairedComparison comparison{.ratio = ratio_of_logs(*logs),
                              .no_change = std::nullopt,
                              .p_value = sign_flip_p_value(*logs),
                              .halves_agree = do_halves_agree(*logs)};
  if (!samples.a_again.empty()) {
    const auto no_change = paired_ratio(samples.a_again, samples.a);
    if (!no_change) return fail(no_change.error());
    comparison.no_change = *no_change;
  }
  comparison.verdict = verdict_of(comparison, samples.better);
  return comparison;
}

}  // namespace weir::tools::load
