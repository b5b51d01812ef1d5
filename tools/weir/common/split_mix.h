// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014): a
// state goes up by a fixed step, and each number is the finalizer of where it is. Any state will
// do, and a number can be had without those before it.
#pragma once

#include <cstdint>

namespace weir::tools {

// 2^64 divided by the golden ratio, rounded to odd: multiples of it are spread evenly, and an odd
// step visits all words before one repeats.
inline constexpr std::uint64_t split_mix_step = 0x9e3779b97f4a7c15;

/// The finalizer: one changed input bit changes half of the output bits, so neighbours have nothing
/// in common.
[[nodiscard]] constexpr std::uint64_t split_mix(std::uint64_t x) noexcept {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

/// The next number: all 64 bits are random.
[[nodiscard]] constexpr std::uint64_t next_split_mix(std::uint64_t& state) noexcept {
  return split_mix(state += split_mix_step);
}

}  // namespace weir::tools
