#include "tools/weir/bench/rounds/target_verdict.h"

#include <algorithm>
#include <array>

#include "weir/base/assert.h"

namespace weir::tools::bench {

std::string_view to_text(TargetVerdict verdict) noexcept {
  static constexpr std::array<std::string_view, 6> words = {
      "met",    "met, within noise", "missed, within noise",
      "missed", "too few rounds",    "unstable: more rounds, or a quieter machine"};
  return words[static_cast<std::size_t>(verdict)];
}

TargetVerdict judge(const SuiteComparison& comparison) noexcept {
  WEIR_ASSERT(comparison.target.has_value());
  if (comparison.has_too_few_rounds()) return TargetVerdict::too_few_rounds;
  if (comparison.verdict == load::ComparisonVerdict::unstable) return TargetVerdict::unstable;
  const load::PairedRatio& ratio = comparison.ratio;
  const double target = *comparison.target;
  // Noise that A/A shows is there whichever way a ratio's own rounds happened to agree.
  const double low = std::min(ratio.low, ratio.estimate / (1 + comparison.noise));
  const double high = std::max(ratio.high, ratio.estimate * (1 + comparison.noise));
  const bool wants_low = better_when(comparison.metric) == load::BetterWhen::lower;
  const bool is_met = wants_low ? ratio.estimate <= target : ratio.estimate >= target;
  const bool is_covered =
      wants_low ? low <= target && target < high : low < target && target <= high;
  if (is_covered)
    return is_met ? TargetVerdict::met_within_noise : TargetVerdict::missed_within_noise;
  return is_met ? TargetVerdict::met : TargetVerdict::missed;
}

std::vector<JudgedLimit> judged_limits(const CaseResult& result) {
  std::vector<JudgedLimit> limits;
  for (const ContenderResult& contender : result.contenders) {
    if (contender.spec.role != Role::weir) continue;
    for (const AbsoluteLimit& limit : result.spec.limits) {
      if (contender.samples.of(limit.metric).empty()) continue;
      limits.push_back({.contender = contender.spec.name,
                        .limit = limit,
                        .median = contender.samples.median(limit.metric)});
    }
  }
  return limits;
}

}  // namespace weir::tools::bench
