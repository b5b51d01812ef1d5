// Latencies by their logarithm: what the load programs sum up their runs with.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>

namespace peer {

/// Counts latencies in buckets 1/32 of an octave wide: 3 % resolution from 1 ns to hours.
struct LatencyHistogram {
  std::uint64_t buckets[64 * 32];
  std::uint64_t max;

  void add(std::uint64_t value) {
    max = std::max(max, value);
    const unsigned shift = value < 64 ? 0 : static_cast<unsigned>(std::bit_width(value)) - 6;
    buckets[std::uint64_t{shift} * 32 + (value >> shift)]++;
  }
  /// The largest value that a bucket can hold of those that came.
  std::uint64_t end_of(std::size_t bucket) const {
    const std::size_t shift = bucket < 64 ? 0 : bucket / 32 - 1;
    return std::min(max, ((bucket - shift * 32 + 1) << shift) - 1);
  }
  /// The upper end of the bucket that holds the value of this rank.
  std::uint64_t at(std::uint64_t rank) const {
    for (std::size_t i = 0, seen = 0; i < std::size(buckets); i++) {
      seen += buckets[i];
      if (seen > rank) return end_of(i);
    }
    return max;
  }
  /// Calls `found(upper end, count)` for each bucket that is not empty, from small to large.
  template <typename Found>
  void each(Found found) const {
    for (std::size_t i = 0; i < std::size(buckets); i++) {
      if (buckets[i] != 0) found(end_of(i), buckets[i]);
    }
  }
};

}  // namespace peer
