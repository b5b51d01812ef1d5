// How far a measured percentile can be trusted: 95 % confidence intervals.
//
// By order statistics. Of n independent samples, the number that do not exceed the true percentile
// is binomial, np +- 1.96 sqrt(np(1-p)); so the samples of these two ranks enclose it in 95 of 100
// runs, whatever the distribution. No more is known: with few samples beyond the percentile the
// upper rank lies above the last sample, and the interval is open.
//
// By batches. The samples of a run are not independent: a request that waits in a queue waits
// behind the one that waited before it, so one stall makes a thousand slow samples at once and the
// run holds fewer facts than samples. Order statistics do not see that and are too narrow. The same
// percentile taken second by second does: seconds are long beside the memory of most queues, so
// their spread is that of independent measurements (Law and Kelton's batch means).
//
// Each is blind to what the other sees, so a report prints the wider of the two.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "tools/weir/load/stats/censored_histogram.h"

namespace weir::tools::load {

/// A spread over fewer batches says too little, even with Student's t.
inline constexpr std::size_t interval_batches_min = 10;
/// A percentile with fewer samples beyond it hangs on single samples.
inline constexpr std::uint64_t samples_beyond_min = 10;

struct PercentileInterval {
  std::uint64_t low = 0;
  std::uint64_t high = 0;     ///< if open, the largest value there is
  bool high_is_open = false;  ///< the truth may lie above everything that was measured

  [[nodiscard]] std::uint64_t width() const noexcept { return high - low; }
  bool operator==(const PercentileInterval&) const = default;
};

/// `nullopt` while empty. The low end rounds down, the high end up, each to the end of its bucket.
/// Censored samples widen it upwards: the high end supposes that they never ended.
[[nodiscard]] std::optional<PercentileInterval> order_statistic_interval(
    const CensoredHistogram& samples, double percentile);

/// Around `value`, the percentile of the whole run, with the half width of Student's interval for
/// the mean of the batches: they tell the spread, but their mean is biased where a batch has few
/// samples beyond the percentile.
///
/// \param batches  the same percentile of each second (or other equal span) that has samples
/// \returns  `nullopt` for fewer than `interval_batches_min`
[[nodiscard]] std::optional<PercentileInterval> batched_interval(
    std::uint64_t value, std::span<const std::uint64_t> batches);

/// An open interval is wider than any other.
[[nodiscard]] PercentileInterval wider_of(const PercentileInterval& a,
                                          const PercentileInterval& b) noexcept;

/// A percentile with all that a report says of it.
struct PercentileEstimate {
  CensoredValue value;
  PercentileInterval interval;     ///< the wider one
  std::uint64_t beyond_count = 0;  ///< samples of a higher rank

  /// To be printed in parentheses.
  [[nodiscard]] bool is_sparse() const noexcept { return beyond_count < samples_beyond_min; }
};

/// `nullopt` while empty.
///
/// \param batches  see `batched_interval`; may be empty
[[nodiscard]] std::optional<PercentileEstimate> estimate_percentile(
    const CensoredHistogram& samples, double percentile, std::span<const std::uint64_t> batches);

}  // namespace weir::tools::load
