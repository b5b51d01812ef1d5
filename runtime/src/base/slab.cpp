#include "weir/base/slab.h"

#include "weir/base/buffer_pool.h"

namespace weir {

namespace detail {

constinit thread_local BufferPool* current_pool [[gnu::tls_model("initial-exec")]] = nullptr;

}  // namespace detail

void Slab::released_last() noexcept {
  switch (kind) {
    case Kind::pooled:
    case Kind::oversize:
      pool->released_last(*this);
      return;
    case Kind::borrowed:
      return;
    case Kind::heap:
      break;  // at home nowhere
  }
  WEIR_UNREACHABLE();
}

void Slab::add_reference_elsewhere() noexcept {
  switch (kind) {
    // Relaxed: the reference the caller holds keeps the slab alive.
    case Kind::heap:
      remote.fetch_add(1, std::memory_order_relaxed);
      return;
    case Kind::pooled:
    case Kind::oversize:
      pool->remote_.note(*this, -1);
      return;
    case Kind::borrowed:
      break;
  }
  detail::fatal("a buffer of borrowed memory left its shard");
}

void Slab::release_elsewhere() noexcept {
  switch (kind) {
    case Kind::heap:
      // Acquire: what other holders did with the bytes is done before they are freed. A sole
      // holder needs no read-modify-write, because nobody can share what nobody else holds.
      if (remote.load(std::memory_order_acquire) == 1 ||
          remote.fetch_sub(1, std::memory_order_acq_rel) == 1) {
        destroy(*this);
      }
      return;
    case Kind::pooled:
    case Kind::oversize:
      pool->remote_.note(*this, 1);
      return;
    case Kind::borrowed:
      break;
  }
  detail::fatal("a buffer of borrowed memory left its shard");
}

}  // namespace weir
