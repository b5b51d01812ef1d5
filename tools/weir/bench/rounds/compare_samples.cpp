#include "tools/weir/bench/rounds/compare_samples.h"

#include <vector>

namespace weir::tools::bench {
namespace {

load::PairedRatio reciprocal(const load::PairedRatio& ratio) {
  return {.estimate = 1 / ratio.estimate,
          .low = 1 / ratio.high,
          .high = 1 / ratio.low,
          .pairs = ratio.pairs};
}

load::ComparisonVerdict opposite(load::ComparisonVerdict verdict) {
  switch (verdict) {
    case load::ComparisonVerdict::faster:
      return load::ComparisonVerdict::slower;
    case load::ComparisonVerdict::slower:
      return load::ComparisonVerdict::faster;
    default:
      return verdict;
  }
}

/// What differed between the two names of one program in each round, as if it had happened to the
/// numerator: the noise of a round is the machine's, whoever it hits.
std::vector<double> twin_of_numerator(const RoundSamples& samples) {
  const std::size_t rounds = samples.numerator.size();
  if (samples.once.size() != rounds || samples.again.size() != rounds) return {};
  std::vector<double> twin(samples.numerator.begin(), samples.numerator.end());
  for (std::size_t i = 0; i < rounds; ++i) twin[i] *= samples.again[i] / samples.once[i];
  return twin;
}

}  // namespace

std::optional<SuiteComparison> compare_samples(const RoundSamples& samples, SuiteMetric metric) {
  const std::vector<double> twin = twin_of_numerator(samples);
  const auto compared = load::compare_pairs({.a = samples.numerator,
                                             .b = samples.denominator,
                                             .a_again = twin,
                                             .better = better_when(metric)});
  if (!compared) return std::nullopt;
  return SuiteComparison{.numerator = {},
                         .denominator = {},
                         .metric = metric,
                         .ratio = reciprocal(compared->ratio),
                         .verdict = opposite(compared->verdict),
                         .noise = compared->no_change ? compared->no_change->noise() : 0};
}

}  // namespace weir::tools::bench
