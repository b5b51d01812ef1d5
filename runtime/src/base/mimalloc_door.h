// The one door to mimalloc: opens the shared library by its soname at the first use, and falls back
// to malloc where it is missing.
//
// Why not link it: distributions build libmimalloc.so with the override, so that its exported
// symbols include `malloc`, `free` and `operator new`. Whatever links it replaces the allocator of
// the whole process, and a library must not do that to the program that embeds it. A library opened
// with RTLD_LOCAL is outside the global symbol scope: our coroutine frames and slabs come from
// mimalloc, and everybody else's `malloc` stays what it was. The price is one indirect call where a
// linked library has one, too (through the procedure linkage table).
//
// A program that wants mimalloc for everything links it, as `weir` does; then this opens that copy.
#pragma once

#include <cstddef>

namespace weir::detail {

/// What the library asks of an allocator. All of it may be called from every thread.
struct MimallocDoor {
  void* (*allocate)(std::size_t bytes);
  void* (*allocate_aligned)(std::size_t bytes, std::size_t alignment);
  void (*release)(void* block);  ///< takes blocks of both kinds, and nullptr
  const char* name;              ///< "mimalloc" or "malloc", for diagnostics
};

/// The allocator of this process; the same one until it ends. After the first call one load.
[[nodiscard]] const MimallocDoor& mimalloc_door() noexcept;

}  // namespace weir::detail
