// Tells AddressSanitizer that memory must not be touched for now. Nothing in other builds.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define WEIR_HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WEIR_HAS_ASAN 1
#endif
#endif

#ifdef WEIR_HAS_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace weir::detail {

inline void poison([[maybe_unused]] const void* memory, [[maybe_unused]] std::size_t bytes) {
#ifdef WEIR_HAS_ASAN
  __asan_poison_memory_region(memory, bytes);
#endif
}

inline void unpoison([[maybe_unused]] const void* memory, [[maybe_unused]] std::size_t bytes) {
#ifdef WEIR_HAS_ASAN
  __asan_unpoison_memory_region(memory, bytes);
#endif
}

}  // namespace weir::detail
