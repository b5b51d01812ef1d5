// The one door to the heap for what the library allocates itself: coroutine frames, chain spill
// blocks, large blocks. mimalloc behind it, never forced on the embedding process; plain malloc
// in sanitizer builds, so that they see each block (WEIR_PLAIN_MALLOC, or detected).
//
// Out of memory ends the process with one line: no caller could do anything sensible.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weir {

/// A block of at least `bytes`, aligned for every standard type. Never null.
[[nodiscard, gnu::malloc, gnu::returns_nonnull]] void* allocate_frame(std::size_t bytes) noexcept;

/// Gives back a block of `allocate_frame`, on any thread. `bytes` is what was asked for.
void deallocate_frame(void* block, std::size_t bytes) noexcept;

/// A large block aligned to `alignment`, a power of two. Never null.
[[nodiscard, gnu::malloc, gnu::returns_nonnull]] void* allocate_block(
    std::size_t bytes, std::size_t alignment) noexcept;

/// Gives back a block of `allocate_block`, on any thread, with the same size and alignment.
void deallocate_block(void* block, std::size_t bytes, std::size_t alignment) noexcept;

/// How many blocks this thread has taken through this door. Tests take the difference to prove
/// that a warm path does not allocate.
[[nodiscard]] std::uint64_t allocation_count() noexcept;

}  // namespace weir
