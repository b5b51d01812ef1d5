// The verdict on two servers that were measured in turn, round by round, perhaps with one of them
// under two names (A/A), which shows what this machine makes of no difference at all.
//
// B is faster or slower only if all of these hold; else no difference was shown:
//   - there are at least 6 rounds: fewer can't reach p < 0.05, whatever they measured;
//   - the 95 % interval of the ratio excludes 1;
//   - the effect exceeds 2 %, the A/A interval's half width and the A/A effect itself.
// And if the A/A half width exceeds 5 %, or the first half of the rounds contradicts the second
// (their intervals do not meet), the machine was too unstable for any verdict.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "tools/weir/load/stats/paired_ratio.h"
#include "weir/base/result.h"

namespace weir::tools::load {

/// Fewer rounds can't reach p < 0.05.
inline constexpr std::size_t comparison_rounds_min = 6;
/// Half of an A/A interval above which ratios say little.
inline constexpr double stable_half_width_max = 0.05;

enum class ComparisonVerdict : std::uint8_t { faster, slower, no_difference_shown, unstable };

/// `faster`, `slower`, `no difference shown`, `unstable`.
[[nodiscard]] std::string_view to_text(ComparisonVerdict verdict) noexcept;

/// Which way is faster: rates are better higher, latencies lower.
enum class BetterWhen : std::uint8_t { higher, lower };

/// Element i of each was measured in round i, in the same unit.
struct PairedSamples {
  std::span<const double> a;
  std::span<const double> b;
  std::span<const double> a_again{};  ///< A once more, under another name; may be empty
  BetterWhen better = BetterWhen::higher;
};

struct PairedComparison {
  PairedRatio ratio;                     ///< b / a
  std::optional<PairedRatio> no_change;  ///< a_again / a
  double p_value = 1;
  bool halves_agree = true;  ///< also where there are too few rounds to tell
  ComparisonVerdict verdict = ComparisonVerdict::no_difference_shown;
};

/// Two-sided: how often would rounds with this spread but without a difference give a mean at least
/// this far from 0, if each round's sign were a coin's? All sign patterns of up to 13 rounds, 10
/// 000 random ones (and the one measured) of more. Same input, same result.
[[nodiscard]] double sign_flip_p_value(std::span<const double> log_ratios);

/// Errors: see `log_ratios`.
[[nodiscard]] Result<PairedComparison> compare_pairs(const PairedSamples& samples);

}  // namespace weir::tools::load
