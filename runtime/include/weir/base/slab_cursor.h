// Fills slabs front to back, many small messages to a slab.
//
//     current slab   |== slices taken ==|........ tail() ........|
//                                       ^ used
//
// When all slices of the slab are gone it starts at the front again: a quiet stream stays in the
// same few cache lines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "weir/base/assert.h"
#include "weir/base/buffer.h"
#include "weir/base/chain.h"
#include "weir/base/short_copy.h"
#include "weir/base/slab.h"

namespace weir {

class BufferPool;

/// Home shard only. Holds one reference to its current slab.
class SlabCursor {
 public:
  /// `pool` outlives the cursor.
  explicit SlabCursor(BufferPool& pool) noexcept : pool_(pool) {}
  SlabCursor(const SlabCursor&) = delete;
  SlabCursor& operator=(const SlabCursor&) = delete;
  ~SlabCursor() { reset(); }

  /// The unused rest of the current slab if it has `bytes_min` bytes (1 to slab_bytes), else a
  /// new slab. Empty when the pool is exhausted; the current slab is kept then, so that a smaller
  /// wish may still be granted.
  [[nodiscard]] std::span<std::byte> tail(std::size_t bytes_min = 1) noexcept {
    if (slab_ != nullptr) {
      if (slab_->is_only_reference()) used_ = 0;
      if (slab_->capacity - used_ >= bytes_min) [[likely]]
        return rest();
    }
    return advance(bytes_min);
  }

  /// The first `count` bytes of what `tail()` returned, as a buffer.
  [[nodiscard, gnu::always_inline]] Buffer take(std::size_t count) noexcept {
    if (count == 0) return {};
    WEIR_ASSERT(slab_ != nullptr);
    slab_->add_reference_at_home();
    Buffer buffer = Buffer::adopt(*slab_, used_, count);
    used_ += static_cast<std::uint32_t>(count);
    return buffer;
  }

  /// A copy of `bytes` in the rest of the current slab. Empty if that is too short.
  [[nodiscard, gnu::always_inline]] Buffer try_copy(std::span<const std::byte> bytes) noexcept {
    if (bytes.empty() || rest_bytes() < bytes.size()) [[unlikely]]
      return {};
    std::byte* const target = slab_->data + used_;
    Buffer copy = take(bytes.size());
    copy_short(target, bytes.data(), bytes.size());
    return copy;
  }

  /// Makes the last buffer of `chain` `count` bytes longer if it was taken here last and there is
  /// room: no reference is counted. \returns the new bytes, to be filled, or nullptr.
  [[nodiscard]] std::byte* try_extend(Chain& chain, std::size_t count) noexcept {
    if (slab_ == nullptr || slab_->capacity - used_ < count) return nullptr;
    if (!chain.try_extend(*slab_, used_, count)) return nullptr;
    std::byte* const bytes = slab_->data + used_;
    used_ += static_cast<std::uint32_t>(count);
    return bytes;
  }

  /// What `tail()` would return at most without a new slab.
  [[nodiscard]] std::size_t rest_bytes() noexcept {
    if (slab_ == nullptr) return 0;
    if (slab_->is_only_reference()) used_ = 0;
    return slab_->capacity - used_;
  }

  /// Lets go of the current slab.
  void reset() noexcept;

  /// Lets go of the current slab if nobody else refers to it: before going idle.
  void reset_if_unused() noexcept {
    if (slab_ != nullptr && slab_->is_only_reference()) reset();
  }

  [[nodiscard]] Slab* slab() const noexcept { return slab_; }

 private:
  [[nodiscard]] std::span<std::byte> rest() const noexcept {
    return {slab_->data + used_, slab_->capacity - used_};
  }
  [[nodiscard]] std::span<std::byte> advance(std::size_t bytes_min) noexcept;

  BufferPool& pool_;
  Slab* slab_ = nullptr;
  std::uint32_t used_ = 0;
};

}  // namespace weir
