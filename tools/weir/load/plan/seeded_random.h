// SeededRandom: the numbers behind a schedule. The same seed gives the same numbers on every
// machine and with every compiler, so that parts of one load agree and a run can be repeated. Not
// for secrets.
//
// xoshiro256++ (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2019): 256
// bits of state, period 2^256 - 1, about a nanosecond a number. Its state is filled by SplitMix64
// (Steele, Lea, Flood 2014), as its authors advise, because a state of few bits recovers slowly.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "tools/weir/common/split_mix.h"

namespace weir::tools::load {

class SeededRandom {
 public:
  using State = std::array<std::uint64_t, 4>;

  explicit constexpr SeededRandom(std::uint64_t seed) noexcept {
    for (std::uint64_t& word : state_) word = next_split_mix(seed);
  }
  /// \param state  not all 0: nothing but 0 would follow
  explicit constexpr SeededRandom(const State& state) noexcept : state_(state) {}

  /// 64 bits, each as good as the others.
  constexpr std::uint64_t next() noexcept {
    auto& [a, b, c, d] = state_;
    const std::uint64_t result = std::rotl(a + d, 23) + a;
    const std::uint64_t shifted = b << 17;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = std::rotl(d, 45);
    return result;
  }

 private:
  State state_{};
};

}  // namespace weir::tools::load
