// Finds one byte again and again, in memory that is walked from front to back.
//
//     memory     a b \n c d e \n f g ...  |  next block of 64
//     matches    0 0  1 0 0 0  1 0 0 ...     bit i: byte i of the block is the one looked for
//
// A block is searched once, at once, however many lines end in it: each further one costs a few
// operations on the bits. Where matches are rare memchr is faster and does the rest.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "weir/base/bytes.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace weir::protocols {

namespace detail {

constexpr std::size_t match_block_bytes = 64;

/// Bit i is set if `block[i]` is `byte`. Eight bytes at a time, on any machine.
[[nodiscard]] inline std::uint64_t matches_in_block_portable(const std::byte* block,
                                                             std::byte byte) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t low_bits = 0x7F * ones;
  const std::uint64_t pattern = std::to_integer<std::uint64_t>(byte) * ones;
  std::uint64_t matches = 0;
  for (std::size_t i = 0; i < match_block_bytes; i += 8) {
    const std::uint64_t difference = load_le<std::uint64_t>(block + i) ^ pattern;
    // The high bit of each byte that is zero; no carry leaves a byte.
    const std::uint64_t zeros =
        ~(((difference & low_bits) + low_bits) | difference | low_bits) >> 7;
    // Gathers bit 8 * k into bit 56 + k: k = 0 to 7.
    matches |= (zeros * 0x0102040810204080) >> 56 << i;
  }
  return matches;
}

#if defined(__SSE2__)
[[nodiscard]] inline std::uint64_t matches_in_block(const std::byte* block,
                                                    std::byte byte) noexcept {
  const __m128i pattern = _mm_set1_epi8(static_cast<char>(byte));
  // Spelled out, because GCC keeps a loop over four as a loop.
  const auto matches_at = [&](std::size_t offset) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + offset));
    const int matches = _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, pattern));
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(matches));
  };
  return matches_at(0) | matches_at(16) << 16 | matches_at(32) << 32 | matches_at(48) << 48;
}
#else
[[nodiscard]] inline std::uint64_t matches_in_block(const std::byte* block,
                                                    std::byte byte) noexcept {
  return matches_in_block_portable(block, byte);
}
#endif

}  // namespace detail

/// Belongs to one walk over one piece of memory, for one byte.
class ByteFinder {
 public:
  /// A walk that begins at `begin`.
  explicit ByteFinder(const std::byte* begin) noexcept : next_(begin) {}

  /// The next `byte` before `end`, which is no lower than in the call before; nullptr if there is
  /// none. If `end` is higher in later calls, one that lies between may be found all the same.
  [[nodiscard, gnu::always_inline]] const std::byte* find(std::byte byte,
                                                          const std::byte* end) noexcept {
    for (int blocks_left = blocks_max; matches_ == 0; --blocks_left) {
      const auto rest_bytes = static_cast<std::size_t>(end - next_);
      if (rest_bytes < detail::match_block_bytes || blocks_left == 0) [[unlikely]]
        return find_far(byte, rest_bytes);
      matches_ = detail::matches_in_block(next_, byte);
      next_ += detail::match_block_bytes;
    }
    const std::byte* const found = next_ - detail::match_block_bytes + std::countr_zero(matches_);
    matches_ &= matches_ - 1;
    return found;
  }

 private:
  // Blocks without a match before memchr takes over: for lines longer than this its call is cheap.
  static constexpr int blocks_max = 4;

  [[nodiscard]] const std::byte* find_far(std::byte byte, std::size_t rest_bytes) noexcept {
    if (rest_bytes == 0) return nullptr;
    const void* const found = std::memchr(next_, std::to_integer<int>(byte), rest_bytes);
    if (found == nullptr) return nullptr;
    next_ = static_cast<const std::byte*>(found) + 1;
    return next_ - 1;
  }

  const std::byte* next_;      // the first byte that was not searched
  std::uint64_t matches_ = 0;  // not yet returned, of the block before it
};

}  // namespace weir::protocols
