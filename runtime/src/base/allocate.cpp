#include "weir/base/allocate.h"

#include "base/mimalloc_door.h"
#include "weir/base/assert.h"

namespace weir {
namespace {

constinit thread_local std::uint64_t allocations [[gnu::tls_model("initial-exec")]] = 0;

}  // namespace

void* allocate_frame(std::size_t bytes) noexcept {
  ++allocations;
  void* const block = detail::mimalloc_door().allocate(bytes);
  if (block == nullptr) [[unlikely]]
    detail::fatal("out of memory: no block of %zu bytes", bytes);
  return block;
}

void deallocate_frame(void* block, std::size_t) noexcept { detail::mimalloc_door().release(block); }

void* allocate_block(std::size_t bytes, std::size_t alignment) noexcept {
  ++allocations;
  void* const block = detail::mimalloc_door().allocate_aligned(bytes, alignment);
  if (block == nullptr) [[unlikely]]
    detail::fatal("out of memory: no block of %zu bytes", bytes);
  return block;
}

void deallocate_block(void* block, std::size_t, std::size_t) noexcept {
  detail::mimalloc_door().release(block);
}

std::uint64_t allocation_count() noexcept { return allocations; }

}  // namespace weir
