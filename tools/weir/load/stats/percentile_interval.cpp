#include "tools/weir/load/stats/percentile_interval.h"

#include <algorithm>
#include <cmath>

#include "tools/weir/common/welford.h"

namespace weir::tools::load {

namespace {

/// The 97.5 % point of the normal distribution: 2.5 % are left out on each side.
constexpr double normal_975 = 1.959963984540054;

/// The 97.5 % point of Student's t, by the Cornish-Fisher expansion in the normal one (Abramowitz
/// and Stegun 26.7.5): from 9 degrees of freedom on its error is below 0.001.
double student_975(double degrees_of_freedom) {
  const double z = normal_975;
  const double z2 = z * z;
  const double g1 = z * (z2 + 1) / 4;
  const double g2 = z * ((5 * z2 + 16) * z2 + 3) / 96;
  const double g3 = z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384;
  const double v = degrees_of_freedom;
  return z + g1 / v + g2 / (v * v) + g3 / (v * v * v);
}

}  // namespace

std::optional<PercentileInterval> order_statistic_interval(const CensoredHistogram& samples,
                                                           double percentile) {
  if (samples.empty()) return std::nullopt;
  const auto n = static_cast<double>(samples.count());
  const double p = std::clamp(percentile, 0.0, 100.0) / 100;
  const double spread = normal_975 * std::sqrt(n * p * (1 - p));
  // Rounded outwards: the normal distribution only approximates the binomial one.
  const double low_rank = std::max(std::floor(n * p - spread), 1.0);
  const double high_rank = std::ceil(n * p + spread) + 1;

  const Histogram& all = samples.all();
  const CensoredValue low = samples.value_at_rank(static_cast<std::uint64_t>(low_rank));
  PercentileInterval interval{
      .low = std::max(all.lowest_at(all.index_of(low.value)), all.min()),
      .high = all.max(),
      .high_is_open = true,
  };
  // The 100th percentile is the maximum: what lies above it no sample can tell.
  if (high_rank > n) return interval;
  const CensoredValue high = samples.value_at_rank(static_cast<std::uint64_t>(high_rank));
  interval.high_is_open = !high.upper_bound;
  interval.high = high.upper_bound.value_or(all.max());
  return interval;
}

std::optional<PercentileInterval> batched_interval(std::uint64_t value,
                                                   std::span<const std::uint64_t> batches) {
  if (batches.size() < interval_batches_min) return std::nullopt;
  Welford spread;
  for (const std::uint64_t batch : batches) spread.add(static_cast<double>(batch));
  const auto count = static_cast<double>(batches.size());
  const double half_width = student_975(count - 1) * spread.deviation() / std::sqrt(count);

  // Far below 2^63: values are within the range of a histogram.
  const auto reach = static_cast<std::uint64_t>(std::ceil(half_width));
  return PercentileInterval{.low = value - std::min(reach, value), .high = value + reach};
}

PercentileInterval wider_of(const PercentileInterval& a, const PercentileInterval& b) noexcept {
  if (a.high_is_open != b.high_is_open) return a.high_is_open ? a : b;
  return a.width() >= b.width() ? a : b;
}

std::optional<PercentileEstimate> estimate_percentile(const CensoredHistogram& samples,
                                                      double percentile,
                                                      std::span<const std::uint64_t> batches) {
  const auto by_ranks = order_statistic_interval(samples, percentile);
  if (!by_ranks) return std::nullopt;
  const std::uint64_t rank = samples.all().rank_of_percentile(percentile);
  const CensoredValue value = samples.value_at_rank(rank);
  const auto by_batches = batched_interval(value.value, batches);
  return PercentileEstimate{
      .value = value,
      .interval = by_batches ? wider_of(*by_ranks, *by_batches) : *by_ranks,
      .beyond_count = samples.count() - rank,
  };
}

}  // namespace weir::tools::load
