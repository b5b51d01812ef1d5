// A buffer pool that is at home on the test's thread, and checks itself when the test ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "weir/base/buffer_pool.h"
#include "weir/base/bytes.h"

namespace weir::test {

/// Declared before the buffers that come from it. Small slabs, so that tests fill them quickly.
class HomePool {
 public:
  static constexpr std::uint32_t slab_bytes = 4096;

  /// Of `slabs` slabs `slabs - 1` can be acquired: one is the reserve.
  explicit HomePool(std::size_t slabs = 64, std::uint32_t bytes = slab_bytes)
      : pool_(BufferPool::Options{.budget_bytes = slabs * bytes, .slab_bytes = bytes}) {
    pool_.make_current();
  }
  HomePool(const HomePool&) = delete;
  HomePool& operator=(const HomePool&) = delete;
  ~HomePool() {
    pool_.check_invariants();
    pool_.clear_current();
  }

  BufferPool& operator*() { return pool_; }
  BufferPool* operator->() { return &pool_; }

  /// A pooled buffer with `text` in it.
  [[nodiscard]] Buffer buffer(std::string_view text) { return pool_.copy(as_bytes(text)).value(); }

  /// A whole slab as one buffer.
  [[nodiscard]] Buffer slab() { return Buffer::adopt(*pool_.try_acquire(), 0, pool_.slab_bytes()); }

 private:
  BufferPool pool_;
};

/// A heap buffer with `text` in it.
[[nodiscard]] inline Buffer heap_buffer(std::string_view text) {
  return Buffer::copy_of(as_bytes(text));
}

}  // namespace weir::test
