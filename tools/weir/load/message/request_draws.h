// RequestDraws: numbers that look random and are a function of what they were drawn for, so that
// whoever checks an answer draws the same again.
#pragma once

#include <cstdint>

#include "tools/weir/common/split_mix.h"

namespace weir::tools::load {

/// What a run draws for one request: the same whenever it is drawn again, another one for another
/// seed, connection or request.
class RequestDraws {
 public:
  RequestDraws(std::uint64_t seed, std::uint32_t connection, std::uint64_t request) noexcept
      : state_(split_mix(split_mix(seed + split_mix_step) + connection)) {
    state_ = split_mix(state_ + request * split_mix_step);
  }

  /// All 64 bits are random.
  [[nodiscard]] std::uint64_t next() noexcept { return next_split_mix(state_); }

  /// From 0 to `count` - 1, which is at most 2^32 - 1: each as often, to one in 2^32.
  [[nodiscard]] std::uint32_t next_below(std::uint32_t count) noexcept {
    return static_cast<std::uint32_t>((next() >> 32) * count >> 32);
  }

  /// Above 0, up to 1: what a logarithm can be taken of.
  [[nodiscard]] double next_fraction() noexcept {
    return static_cast<double>((next() >> 11) + 1) * 0x1p-53;
  }

 private:
  std::uint64_t state_;
};

}  // namespace weir::tools::load
