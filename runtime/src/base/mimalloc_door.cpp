#include "base/mimalloc_door.h"

#include <atomic>
#include <cstdlib>

#ifndef WEIR_PLAIN_MALLOC
#include <dlfcn.h>
#include <mimalloc.h>
#endif

namespace weir::detail {
namespace {

void* plain_aligned(std::size_t bytes, std::size_t alignment) {
  void* block = nullptr;
  return ::posix_memalign(&block, alignment, bytes) == 0 ? block : nullptr;
}

constexpr MimallocDoor plain{
    .allocate = &std::malloc,
    .allocate_aligned = &plain_aligned,
    .release = &std::free,
    .name = "malloc",
};

#ifdef WEIR_PLAIN_MALLOC

const MimallocDoor& open_door() noexcept { return plain; }

#else

template <typename Function>
Function find(void* library, const char* name) noexcept {
  // POSIX promises that the void* of dlsym can be converted to the function's pointer.
  return reinterpret_cast<Function>(::dlsym(library, name));
}

MimallocDoor load() noexcept {
  // Never closed: threads give their heaps back to it when they end, after main may have.
  void* library = ::dlopen(WEIR_MIMALLOC_SONAME, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return plain;
  const MimallocDoor door{
      .allocate = find<decltype(&::mi_malloc)>(library, "mi_malloc"),
      .allocate_aligned = find<decltype(&::mi_malloc_aligned)>(library, "mi_malloc_aligned"),
      .release = find<decltype(&::mi_free)>(library, "mi_free"),
      .name = "mimalloc",
  };
  const bool complete = door.allocate && door.allocate_aligned && door.release;
  return complete ? door : plain;
}

const MimallocDoor& open_door() noexcept {
  static const MimallocDoor door = load();
  return door;
}

#endif

// Saves the guard of the function's static on each call. Constant-initialised, so that coroutines
// created before main find it. Release pairs with acquire: who sees the pointer sees the table.
constinit std::atomic<const MimallocDoor*> opened{nullptr};

}  // namespace

const MimallocDoor& mimalloc_door() noexcept {
  if (const auto* door = opened.load(std::memory_order_acquire)) return *door;
  const auto& door = open_door();
  opened.store(&door, std::memory_order_release);
  return door;
}

}  // namespace weir::detail
