// Where codecs take memory from: the pool of the shard they run on, or the heap without one.
#pragma once

#include <cstddef>
#include <utility>

#include "weir/base/buffer.h"
#include "weir/base/buffer_pool.h"
#include "weir/base/chain.h"
#include "weir/base/result.h"

namespace weir::protocols::detail {

/// `size` bytes to be filled. Error::pool_exhausted if this thread's pool is. Always inline: it is
/// a good part of what a small frame costs.
[[nodiscard, gnu::always_inline]] inline Result<Buffer> allocate_bytes(std::size_t size) noexcept {
  if (BufferPool* const pool = BufferPool::current()) return pool->allocate(size);
  return Buffer::uninitialized(size);
}

/// `size` more bytes at the end of `output`, to be filled. Error::pool_exhausted as above, with
/// `output` as it was.
[[nodiscard, gnu::always_inline]] inline Result<std::byte*> append_bytes(
    Chain& output, std::size_t size) noexcept {
  if (BufferPool* const pool = BufferPool::current()) {
    if (std::byte* const appended = pool->try_append(output, size)) return appended;
  }
  Result<Buffer> buffer = allocate_bytes(size);
  if (!buffer) return fail(buffer.error());
  std::byte* const bytes = buffer->empty() ? nullptr : buffer->writable().data();
  output.append(std::move(*buffer));
  return bytes;
}

}  // namespace weir::protocols::detail
