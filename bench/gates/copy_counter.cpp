#include "bench/gates/copy_counter.h"

#include <cstddef>

namespace {
constinit thread_local std::uint64_t bytes_copied = 0;
}  // namespace

// The names are the linker's: see --wrap in ld(1).
extern "C" {
// NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming)
void* __real_memcpy(void* target, const void* source, std::size_t count);
void* __real_memmove(void* target, const void* source, std::size_t count);
void* __wrap_memcpy(void* target, const void* source, std::size_t count);
void* __wrap_memmove(void* target, const void* source, std::size_t count);

void* __wrap_memcpy(void* target, const void* source, std::size_t count) {
  bytes_copied += count;
  return __real_memcpy(target, source, count);
}

void* __wrap_memmove(void* target, const void* source, std::size_t count) {
  bytes_copied += count;
  return __real_memmove(target, source, count);
}
// NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming)
}

std::uint64_t weir::gates::bytes_copied_here() noexcept { return bytes_copied; }
