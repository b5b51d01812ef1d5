#include "tools/weir/load/stats/histogram.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "weir/base/assert.h"

namespace weir::tools::load {

namespace {

/// Bits of the number of sub-buckets: steps of one up to 2 * 10^digits keep every value of that
/// size within its last digit.
unsigned sub_bucket_count_bits(int significant_digits) noexcept {
  std::uint64_t finest_values = 2;
  for (int digit = 0; digit < significant_digits; ++digit) finest_values *= 10;
  return static_cast<unsigned>(std::bit_width(finest_values - 1));
}

unsigned unit_magnitude(std::uint64_t lowest) noexcept {
  return static_cast<unsigned>(std::bit_width(lowest)) - 1;
}

}  // namespace

bool HistogramRange::is_valid() const noexcept {
  if (lowest < 1 || highest / 2 < lowest) return false;
  if (significant_digits < 1 || significant_digits > 5) return false;
  return sub_bucket_count_bits(significant_digits) + unit_magnitude(lowest) <= 62;
}

std::size_t HistogramRange::counter_count() const noexcept {
  WEIR_ASSERT(is_valid());
  const unsigned count_bits = sub_bucket_count_bits(significant_digits);
  const unsigned bucket_0_bits = count_bits + unit_magnitude(lowest);
  const auto highest_bits = static_cast<unsigned>(std::bit_width(highest));
  const std::size_t buckets = std::max(highest_bits, bucket_0_bits) - bucket_0_bits + 1;
  return (buckets + 1) << (count_bits - 1);
}

Histogram::Histogram(const HistogramRange& range) : range_(range) {
  WEIR_ASSERT(range.is_valid());
  const unsigned count_bits = sub_bucket_count_bits(range.significant_digits);
  sub_bucket_magnitude_ = count_bits - 1;
  unit_magnitude_ = unit_magnitude(range.lowest);
  sub_bucket_bits_ = count_bits + unit_magnitude_;
  sub_bucket_mask_ = ((std::uint64_t{1} << count_bits) - 1) << unit_magnitude_;
  counts_.resize(range.counter_count());
}

Histogram Histogram::from_counts(const HistogramRange& range,
                                 std::span<const std::uint64_t> counts) {
  Histogram histogram(range);
  WEIR_ASSERT(counts.size() <= histogram.counts_.size());
  for (std::size_t index = 0; index < counts.size(); ++index) {
    if (counts[index] == 0) continue;
    WEIR_ASSERT(counts[index] <= UINT64_MAX - histogram.count_);
    if (histogram.empty()) histogram.min_ = histogram.lowest_at(index);
    histogram.max_ = histogram.highest_at(index);
    histogram.counts_[index] = counts[index];
    histogram.count_ += counts[index];
  }
  return histogram;
}

std::size_t Histogram::index_of(std::uint64_t value) const noexcept {
  const unsigned bucket = bucket_of(value);
  const std::uint64_t sub_bucket = value >> (bucket + unit_magnitude_);
  // Only bucket 0 uses its lower half: below it, the previous bucket resolves more finely.
  const std::uint64_t half = std::uint64_t{1} << sub_bucket_magnitude_;
  return ((std::size_t{bucket} + 1) << sub_bucket_magnitude_) + sub_bucket - half;
}

std::uint64_t Histogram::lowest_at(std::size_t index) const noexcept {
  const std::uint64_t half = std::uint64_t{1} << sub_bucket_magnitude_;
  if (index < half) return std::uint64_t{index} << unit_magnitude_;
  const auto bucket = static_cast<unsigned>((index >> sub_bucket_magnitude_) - 1);
  const std::uint64_t sub_bucket = (index & (half - 1)) + half;
  return sub_bucket << (bucket + unit_magnitude_);
}

std::uint64_t Histogram::highest_at(std::size_t index) const noexcept {
  return lowest_at(index + 1) - 1;
}

bool Histogram::restore_extremes(std::uint64_t min, std::uint64_t max) noexcept {
  if (empty() || min > max || max > range_.highest) return false;
  if (index_of(min) != index_of(min_) || index_of(max) != index_of(max_)) return false;
  min_ = min;
  max_ = max;
  return true;
}

bool Histogram::restore_clipped(std::uint64_t count) noexcept {
  if (count > counts_[index_of(range_.highest)]) return false;
  clipped_count_ = count;
  return true;
}

void Histogram::record_n(std::uint64_t value, std::uint64_t n) noexcept {
  if (n == 0) return;
  if (value > range_.highest) [[unlikely]] {
    value = range_.highest;
    clipped_count_ += n;
  }
  counts_[index_of(value)] += n;
  count_ += n;
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
}

void Histogram::merge(const Histogram& other) noexcept {
  WEIR_ASSERT(range_ == other.range_);
  if (other.empty()) return;
  for (std::size_t index = index_of(other.min_); index <= index_of(other.max_); ++index) {
    counts_[index] += other.counts_[index];
  }
  count_ += other.count_;
  clipped_count_ += other.clipped_count_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

void Histogram::reset() noexcept {
  if (empty()) return;
  const auto first = counts_.begin() + static_cast<std::ptrdiff_t>(index_of(min_));
  const auto last = counts_.begin() + static_cast<std::ptrdiff_t>(index_of(max_));
  std::fill(first, last + 1, 0);
  count_ = 0;
  clipped_count_ = 0;
  min_ = UINT64_MAX;
  max_ = 0;
}

double Histogram::mean() const noexcept {
  if (empty()) return 0;
  double sum = 0;
  for (std::size_t index = index_of(min()); index <= index_of(max_); ++index) {
    if (counts_[index] == 0) continue;
    const double lowest = static_cast<double>(std::max(lowest_at(index), min()));
    const double highest = static_cast<double>(std::min(highest_at(index), max_));
    sum += static_cast<double>(counts_[index]) * (lowest + highest) / 2;
  }
  return sum / static_cast<double>(count_);
}

std::uint64_t Histogram::value_at_percentile(double percentile) const noexcept {
  return value_at_rank(rank_of_percentile(percentile));
}

std::uint64_t Histogram::rank_of_percentile(double percentile) const noexcept {
  if (empty()) return 0;
  // One step down before multiplying: 99.9 % of 1000 must be rank 999, and 99.9 in binary is a
  // little more than 99.9.
  const double asked = std::nextafter(std::clamp(percentile, 0.0, 100.0), 0.0);
  const auto rank =
      static_cast<std::uint64_t>(std::ceil(asked / 100 * static_cast<double>(count_)));
  return std::clamp<std::uint64_t>(rank, 1, count_);
}

std::uint64_t Histogram::value_at_rank(std::uint64_t rank) const noexcept {
  if (empty()) return 0;
  const std::uint64_t wanted = std::clamp<std::uint64_t>(rank, 1, count_);
  std::uint64_t seen = 0;
  for (std::size_t index = index_of(min()); index < counts_.size(); ++index) {
    seen += counts_[index];
    if (seen >= wanted) return std::min(highest_at(index), max_);
  }
  return max_;
}

std::uint64_t Histogram::count_at_or_below(std::uint64_t value) const noexcept {
  if (value >= max_) return count_;
  const auto end = counts_.begin() + static_cast<std::ptrdiff_t>(index_of(value)) + 1;
  return std::accumulate(counts_.begin(), end, std::uint64_t{0});
}

void Histogram::check_invariants() const noexcept {
  WEIR_ASSERT(std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0}) == count_);
  WEIR_ASSERT(clipped_count_ <= count_);
  if (empty()) return;
  WEIR_ASSERT(min_ <= max_);
  WEIR_ASSERT(counts_[index_of(min_)] > 0);
  WEIR_ASSERT(counts_[index_of(max_)] > 0);
}

}  // namespace weir::tools::load
