// Where codecs take memory from: the pool of the shard they run on, or the heap without one.
#pragma once

#include <cstddef>

#include "weir/base/buffer.h"
#include "weir/base/buffer_pool.h"
#include "weir/base/result.h"

namespace weir::protocols::detail {

/// `size` bytes to be filled. Error::pool_exhausted if this thread's pool is. Always inline: it is
/// a good part of what a small frame costs.
[[nodiscard, gnu::always_inline]] inline Result<Buffer> allocate_bytes(std::size_t size) noexcept {
  if (BufferPool* const pool = BufferPool::current()) return pool->allocate(size);
  return Buffer::uninitialized(size);
}

}  // namespace weir::protocols::detail
