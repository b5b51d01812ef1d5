#include "tools/weir/bench/rounds/precision.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace weir::tools::bench {
namespace {

/// Of the logarithm, so that a ratio and its reciprocal are as precise.
double half_width(const load::PairedRatio& ratio) { return std::log(ratio.high / ratio.low) / 2; }

bool is_precise(const SuiteComparison& comparison, double precision) {
  if (comparison.verdict == load::ComparisonVerdict::unstable) return false;
  double wanted = std::log1p(precision);
  if (comparison.target) {
    const double distance = std::abs(std::log(comparison.ratio.estimate / *comparison.target));
    wanted = std::max(wanted, distance / 2);
  }
  return std::max(half_width(comparison.ratio), std::log1p(comparison.noise)) <= wanted;
}

}  // namespace

bool is_precise(const CaseResult& result, double precision) {
  if (result.rounds < precise_rounds_min || result.comparisons.empty()) return false;
  const bool has_targets = std::ranges::any_of(
      result.comparisons, [](const SuiteComparison& it) { return it.target.has_value(); });
  const SuiteMetric first = result.spec.compared.front().metric;
  std::size_t asked = 0;
  for (const SuiteComparison& it : result.comparisons) {
    if (has_targets ? !it.target.has_value() : it.metric != first) continue;
    if (!is_precise(it, precision)) return false;
    ++asked;
  }
  return asked > 0;
}

}  // namespace weir::tools::bench
