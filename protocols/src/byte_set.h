// Finds the first byte that is one of a few, sixteen bytes at a time where the machine can.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

#include "weir/base/bytes.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace weir::protocols::detail {

/// \returns the first of [`first`, `last`) that is in `set`, which is not empty; else `last`.
[[nodiscard]] inline const std::byte* find_any_of(const std::byte* first, const std::byte* last,
                                                  std::string_view set) noexcept {
  if (set.size() == 1) {
    const void* const found = std::memchr(first, static_cast<unsigned char>(set[0]),
                                          static_cast<std::size_t>(last - first));
    return found == nullptr ? last : static_cast<const std::byte*>(found);
  }
#if defined(__SSE2__)
  for (; last - first >= 16; first += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(first));
    __m128i equal = _mm_setzero_si128();
    for (const char byte : set) {
      equal = _mm_or_si128(equal, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte)));
    }
    const auto bits = static_cast<unsigned>(_mm_movemask_epi8(equal));
    if (bits != 0) return first + __builtin_ctz(bits);
  }
#endif
  for (; first != last; ++first) {
    if (set.find(static_cast<char>(*first)) != std::string_view::npos) return first;
  }
  return last;
}

}  // namespace weir::protocols::detail
