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
  /// The upper end of the bucket that holds the value of this rank.
  std::uint64_t at(std::uint64_t rank) const {
    for (std::size_t i = 0, seen = 0; i < std::size(buckets); i++) {
      seen += buckets[i];
      const std::size_t shift = i < 64 ? 0 : i / 32 - 1;
      if (seen > rank) return std::min(max, ((i - shift * 32 + 1) << shift) - 1);
    }
    return max;
  }
};

}  // namespace peer
