// A buffer pool that is at home on the test's thread, and checks itself when the test ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/buffer_pool.h"
#include "weir/base/bytes.h"
#include "weir/base/chain.h"

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

/// Of a pool with the default options.
inline constexpr std::size_t slab_bytes = HomePool::slab_bytes;

/// All slabs that can be acquired.
[[nodiscard]] inline std::vector<Buffer> exhaust(HomePool& pool) {
  std::vector<Buffer> slabs;
  while (pool->can_acquire()) slabs.push_back(pool.slab());
  return slabs;
}

/// A heap buffer with `text` in it.
[[nodiscard]] inline Buffer heap_buffer(std::string_view text) {
  return Buffer::copy_of(as_bytes(text));
}

/// One buffer for each piece; heap buffers never merge.
[[nodiscard]] inline Chain heap_chain(const std::vector<std::string>& pieces) {
  Chain chain;
  for (const std::string& piece : pieces) chain.append(heap_buffer(piece));
  return chain;
}

}  // namespace weir::test
