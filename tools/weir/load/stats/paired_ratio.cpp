#include "tools/weir/load/stats/paired_ratio.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>

#include "weir/base/assert.h"

namespace weir::tools::load {

namespace {

/// The time it takes grows with the square of the rounds, to seconds for so many.
constexpr std::size_t pairs_max = 500;
constexpr std::size_t resamples = 10'000;

/// The mean of two values, and which two.
struct WalshAverage {
  double average;
  std::uint32_t i, j;
};

std::vector<WalshAverage> sorted_walsh_averages(std::span<const double> values) {
  std::vector<WalshAverage> walsh;
  walsh.reserve(values.size() * (values.size() + 1) / 2);
  for (std::uint32_t i = 0; i < values.size(); ++i) {
    for (std::uint32_t j = i; j < values.size(); ++j) {
      walsh.push_back({.average = (values[i] + values[j]) / 2, .i = i, .j = j});
    }
  }
  std::ranges::sort(walsh, {}, &WalshAverage::average);
  return walsh;
}

/// The Hodges-Lehmann estimate of a resample that holds value i `times[i]` times. Its averages are
/// those of the values, each as often as the resample can form it, so one sorted list serves all
/// resamples: the sort is what would take the time.
double resampled_median(std::span<const WalshAverage> walsh, std::span<const std::uint32_t> times) {
  const std::uint64_t n = times.size();
  const std::uint64_t count = n * (n + 1) / 2;
  // Of an even number the two in the middle, of an odd one the same twice; ranks from 1.
  const std::uint64_t lower_rank = (count + 1) / 2;
  const std::uint64_t upper_rank = count / 2 + 1;
  std::uint64_t seen = 0;
  double lower = 0;
  bool has_lower = false;
  for (const WalshAverage& pair : walsh) {
    const std::uint64_t a = times[pair.i];
    seen += pair.i == pair.j ? a * (a + 1) / 2 : a * times[pair.j];
    if (!has_lower && seen >= lower_rank) {
      lower = pair.average;
      has_lower = true;
    }
    if (seen >= upper_rank) return (lower + pair.average) / 2;
  }
  return lower;
}

/// A number below n. Its bias is below n / 2^32, where the standard's own distribution would differ
/// from library to library.
std::size_t draw_below(std::mt19937_64& random, std::size_t n) {
  return static_cast<std::size_t>((random() >> 32) * n >> 32);
}

}  // namespace

Result<std::vector<double>> log_ratios(std::span<const double> a, std::span<const double> b) {
  if (a.size() != b.size() || a.empty() || a.size() > pairs_max) {
    return fail(Error::option_invalid);
  }
  std::vector<double> logs;
  logs.reserve(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double log = std::log(a[i] / b[i]);
    if (!(a[i] > 0 && b[i] > 0) || !std::isfinite(log)) return fail(Error::option_invalid);
    logs.push_back(log);
  }
  return logs;
}

double hodges_lehmann(std::span<const double> values) {
  WEIR_ASSERT(!values.empty());
  const std::vector<std::uint32_t> once(values.size(), 1);
  return resampled_median(sorted_walsh_averages(values), once);
}

PairedRatio ratio_of_logs(std::span<const double> log_ratios) {
  WEIR_ASSERT(!log_ratios.empty());
  const std::size_t n = log_ratios.size();
  const std::vector<WalshAverage> walsh = sorted_walsh_averages(log_ratios);
  std::vector<std::uint32_t> times(n, 1);
  const double estimate = resampled_median(walsh, times);

  std::mt19937_64 random(1);
  std::vector<double> medians;
  medians.reserve(resamples);
  for (std::size_t resample = 0; resample < resamples; ++resample) {
    std::ranges::fill(times, 0);
    for (std::size_t drawn = 0; drawn < n; ++drawn) ++times[draw_below(random, n)];
    medians.push_back(resampled_median(walsh, times));
  }
  std::ranges::sort(medians);
  return {.estimate = std::exp(estimate),
          .low = std::exp(medians[resamples * 25 / 1000]),
          .high = std::exp(medians[resamples * 975 / 1000 - 1]),
          .pairs = n};
}

Result<PairedRatio> paired_ratio(std::span<const double> a, std::span<const double> b) {
  const auto logs = log_ratios(a, b);
  if (!logs) return fail(logs.error());
  return ratio_of_logs(*logs);
}

}  // namespace weir::tools::load
