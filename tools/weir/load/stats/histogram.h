// A high dynamic range histogram: counts of values in buckets whose width grows with the value, so
// that a fixed number of counters holds nanoseconds and hours with the same relative error.
//
//     3 digits: 2048 sub-buckets. Bucket 0 resolves 1, each next one half as finely:
//
//     value   0 ........ 1023 1024 ...... 2047 | 2048 .. 4094 | 4096 .. 8188 | ...
//     step    1               1                | 2            | 4            | ...
//     index   0 ........ 1023 1024 ...... 2047 | 2048 .. 3071 | 3072 .. 4095 | ...
//
// The index arithmetic is that of HdrHistogram (hdrhistogram.org, public domain), so that an
// encoder of its log format can write `counts()` as they are. Recording costs two loads, a count of
// leading zeros and an add; it never allocates. Not thread-safe: each shard records its own, then
// `merge`.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weir::tools::load {

/// What a histogram can hold. The defaults are for latencies in nanoseconds up to one hour: 33 792
/// counters, 264 KiB.
struct HistogramRange {
  std::uint64_t lowest = 1;                   ///< smallest value told apart from 0; at least 1
  std::uint64_t highest = 3'600'000'000'000;  ///< at least twice `lowest`
  int significant_digits = 3;                 ///< 1 to 5; 3 keeps every value within 0.1 %

  bool operator==(const HistogramRange&) const = default;

  /// Whether a histogram of this range can be made: for ranges that come from outside.
  [[nodiscard]] bool is_valid() const noexcept;
  /// How many counters it then has, of 8 bytes each; only for a valid range.
  [[nodiscard]] std::size_t counter_count() const noexcept;
};

/// Invariant: the sum of `counts()` is `count()`; `min() <= max()` lie in non-empty buckets.
class Histogram {
 public:
  explicit Histogram(const HistogramRange& range = {});

  /// The histogram with these counts from index 0 on, and zeros after them. The samples themselves
  /// are unknown, so `min()` is the start of the first bucket that counts something and `max()` the
  /// end of the last. At most `range.counter_count()` counts; their sum must fit.
  [[nodiscard]] static Histogram from_counts(const HistogramRange& range,
                                             std::span<const std::uint64_t> counts);

  /// Makes `min()` and `max()` exact again after `from_counts`.
  /// \returns  false, without a change, if they are not in the buckets that they have to be in
  [[nodiscard]] bool restore_extremes(std::uint64_t min, std::uint64_t max) noexcept;
  /// The same for `clipped_count()`, which counts do not show.
  /// \returns  false, without a change, if fewer samples have the highest value
  [[nodiscard]] bool restore_clipped(std::uint64_t count) noexcept;

  /// Larger values than the range holds are recorded as its highest and counted as clipped.
  void record(std::uint64_t value) noexcept { record_n(value, 1); }
  void record_n(std::uint64_t value, std::uint64_t n) noexcept;

  /// Adds all of `other`, which must have the same range. Exact: no sample moves.
  void merge(const Histogram& other) noexcept;
  void reset() noexcept;

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  /// Exact; 0 while empty.
  [[nodiscard]] std::uint64_t min() const noexcept { return empty() ? 0 : min_; }
  [[nodiscard]] std::uint64_t max() const noexcept { return max_; }
  /// From the middle of each bucket, so within the relative error of the range; 0 while empty.
  [[nodiscard]] double mean() const noexcept;

  /// The smallest value that at least `percentile` percent of the samples do not exceed, rounded up
  /// to the end of its bucket but never above `max()`. 0 gives the first bucket, 100 `max()`.
  [[nodiscard]] std::uint64_t value_at_percentile(double percentile) const noexcept;

  /// The rank of that sample, 1 being the smallest; 0 while empty.
  [[nodiscard]] std::uint64_t rank_of_percentile(double percentile) const noexcept;
  /// The value of the sample of this rank, rounded up as above; ranks are clamped to 1..count().
  [[nodiscard]] std::uint64_t value_at_rank(std::uint64_t rank) const noexcept;

  /// Samples in the bucket of `value` or a lower one.
  [[nodiscard]] std::uint64_t count_at_or_below(std::uint64_t value) const noexcept;

  /// Samples above the range, recorded as its highest value.
  [[nodiscard]] std::uint64_t clipped_count() const noexcept { return clipped_count_; }

  [[nodiscard]] const HistogramRange& range() const noexcept { return range_; }
  [[nodiscard]] std::span<const std::uint64_t> counts() const noexcept { return counts_; }
  [[nodiscard]] std::size_t index_of(std::uint64_t value) const noexcept;
  /// Smallest and largest value of a bucket.
  [[nodiscard]] std::uint64_t lowest_at(std::size_t index) const noexcept;
  [[nodiscard]] std::uint64_t highest_at(std::size_t index) const noexcept;

  void check_invariants() const noexcept;

 private:
  [[nodiscard]] unsigned bucket_of(std::uint64_t value) const noexcept {
    return static_cast<unsigned>(std::bit_width(value | sub_bucket_mask_)) - sub_bucket_bits_;
  }

  HistogramRange range_;
  unsigned unit_magnitude_ = 0;        // log2 of the finest step
  unsigned sub_bucket_magnitude_ = 0;  // log2 of the sub-buckets a bucket adds: half of them
  unsigned sub_bucket_bits_ = 0;       // bits of the largest value of bucket 0
  std::uint64_t sub_bucket_mask_ = 0;

  std::uint64_t count_ = 0;
  std::uint64_t clipped_count_ = 0;
  std::uint64_t min_ = UINT64_MAX;
  std::uint64_t max_ = 0;
  std::vector<std::uint64_t> counts_;
};

}  // namespace weir::tools::load
