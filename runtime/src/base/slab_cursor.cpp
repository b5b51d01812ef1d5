#include "weir/base/slab_cursor.h"

#include <utility>

#include "weir/base/buffer_pool.h"

namespace weir {

std::span<std::byte> SlabCursor::advance(std::size_t bytes_min) noexcept {
  WEIR_ASSERT(bytes_min > 0 && bytes_min <= pool_.slab_bytes());
  // First the new slab, then the old one goes: others pin it anyway, or it would have sufficed.
  Slab* const slab = pool_.try_acquire();
  if (slab == nullptr) return {};
  reset();
  slab_ = slab;
  return rest();
}

void SlabCursor::reset() noexcept {
  used_ = 0;
  if (slab_ != nullptr) std::exchange(slab_, nullptr)->release();
}

}  // namespace weir
