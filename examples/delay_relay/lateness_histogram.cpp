#include "lateness_histogram.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>

namespace delay_relay {

using std::chrono::nanoseconds;

/// Values below 64 have a bucket each; a larger one of n bits keeps its first seven.
std::size_t LatenessHistogram::index_of(std::uint64_t value) noexcept {
  if (value < buckets_a_power) return value;
  const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - bucket_bits - 1;
  return shift * buckets_a_power + (value >> shift);
}

std::uint64_t LatenessHistogram::last_value_of(std::size_t index) noexcept {
  if (index < 2 * buckets_a_power) return index;
  const std::size_t shift = index / buckets_a_power - 1;
  return ((index - shift * buckets_a_power + 1) << shift) - 1;
}

void LatenessHistogram::record(weir::Duration lateness) noexcept {
  lateness = std::max(lateness, weir::Duration::zero());
  const auto value =
      static_cast<std::uint64_t>(std::chrono::duration_cast<nanoseconds>(lateness).count());
  ++buckets_[index_of(std::min(value, value_max))];
  ++count_;
  max_ = std::max(max_, lateness);
}

void LatenessHistogram::add(const LatenessHistogram& other) noexcept {
  for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

weir::Duration LatenessHistogram::quantile(double fraction) const noexcept {
  if (count_ == 0) return {};
  const double wanted = std::ceil(fraction * static_cast<double>(count_));
  const std::uint64_t rank = std::max(std::uint64_t{1}, static_cast<std::uint64_t>(wanted));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= rank) return std::min<weir::Duration>(nanoseconds(last_value_of(i)), max_);
  }
  return max_;
}

}  // namespace delay_relay
