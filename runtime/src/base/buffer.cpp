#include "weir/base/buffer.h"

#include <cstring>
#include <new>

#include "weir/base/allocate.h"

namespace weir {
namespace {

// The home of heap slabs: an address that is no pool's, so that every thread counts atomically.
constexpr char nowhere = 0;

Slab& make_heap_slab(void* header, std::byte* memory, std::size_t size,
                     void (*destroy)(Slab&) noexcept) noexcept {
  WEIR_ASSERT(size <= Slab::capacity_max);
  Slab* const slab = ::new (header) Slab;
  slab->home = &nowhere;
  slab->data = memory;
  slab->capacity = static_cast<std::uint32_t>(size);
  slab->remote.store(1, std::memory_order_relaxed);
  slab->kind = Slab::Kind::heap;
  slab->destroy = destroy;
  return *slab;
}

void destroy_adopted(Slab& slab) noexcept {
  delete[] slab.data;
  slab.~Slab();
  deallocate_frame(&slab, sizeof(Slab));
}

// Header and bytes are one block.
void destroy_inline(Slab& slab) noexcept {
  const std::size_t bytes = sizeof(Slab) + slab.capacity;
  slab.~Slab();
  deallocate_frame(&slab, bytes);
}

}  // namespace

Buffer Buffer::adopt(std::unique_ptr<std::byte[]> memory, std::size_t size) noexcept {
  if (size == 0) return {};
  Slab& slab =
      make_heap_slab(allocate_frame(sizeof(Slab)), memory.release(), size, destroy_adopted);
  return adopt(slab, 0, size);
}

Buffer Buffer::uninitialized(std::size_t size) noexcept {
  if (size == 0) return {};
  auto* const block = static_cast<std::byte*>(allocate_frame(sizeof(Slab) + size));
  return adopt(make_heap_slab(block, block + sizeof(Slab), size, destroy_inline), 0, size);
}

Buffer Buffer::copy_of(std::span<const std::byte> bytes) noexcept {
  Buffer copy = uninitialized(bytes.size());
  if (!bytes.empty()) std::memcpy(copy.writable().data(), bytes.data(), bytes.size());
  return copy;
}

void BorrowedSlab::lend(std::span<const std::byte> bytes) noexcept {
  WEIR_ASSERT(!is_in_use());
  WEIR_ASSERT(bytes.size() <= Slab::capacity_max);
  slab_.home = detail::current_pool;
  slab_.kind = Slab::Kind::borrowed;
  // Not written through: Buffer::writable() refuses borrowed slabs.
  slab_.data = const_cast<std::byte*>(bytes.data());
  slab_.capacity = static_cast<std::uint32_t>(bytes.size());
}

}  // namespace weir
