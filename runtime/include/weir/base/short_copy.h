// Copies of a few hundred bytes at most, in line. For a small frame the call of memcpy, which picks
// its way anew each time and makes the caller save its registers, costs more than the copy.
//
//     0        32       64   70      blocks of 32 bytes, and one that ends where the bytes end:
//     |--------|--------|----|       what it shares with the block before it is written twice
//                    |-------|
#pragma once

#include <cstddef>
#include <cstring>

namespace weir {

/// Copies `count` bytes between memory that does not overlap. Right for any count, quicker than
/// memcpy for those below some 256.
[[gnu::always_inline]] inline void copy_short(std::byte* target, const std::byte* source,
                                              std::size_t count) noexcept {
  // Of constant size, std::memcpy is a few moves.
  if (count >= 32) {
    const std::byte* const last_source = source + count - 32;
    std::byte* const last_target = target + count - 32;
    for (; source < last_source; source += 32, target += 32) std::memcpy(target, source, 32);
    std::memcpy(last_target, last_source, 32);
  } else if (count >= 16) {
    std::memcpy(target, source, 16);
    std::memcpy(target + count - 16, source + count - 16, 16);
  } else if (count >= 8) {
    std::memcpy(target, source, 8);
    std::memcpy(target + count - 8, source + count - 8, 8);
  } else if (count >= 4) {
    std::memcpy(target, source, 4);
    std::memcpy(target + count - 4, source + count - 4, 4);
  } else if (count != 0) {
    target[0] = source[0];
    target[count / 2] = source[count / 2];
    target[count - 1] = source[count - 1];
  }
}

}  // namespace weir
