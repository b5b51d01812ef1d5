// A counted slice of a slab: 16 bytes, move-only.
//
//     slab   |....|==========|..........|
//                 ^ offset   ^ offset + size
//
// A small slice keeps its whole slab from being reused: what must stay for long is copied (or
// held by a PoolHolder, whose chains the pool can compact).
//
// Invariant: an empty buffer refers to no slab.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "weir/base/assert.h"
#include "weir/base/slab.h"

namespace weir {

class Buffer {
 public:
  constexpr Buffer() noexcept = default;
  Buffer(Buffer&& other) noexcept
      : slab_(std::exchange(other.slab_, nullptr)),
        offset_(other.offset_),
        size_(std::exchange(other.size_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    // By way of a local, so that `other` may live in memory that this buffer keeps alive.
    Buffer taken(std::move(other));
    std::swap(slab_, taken.slab_);
    std::swap(offset_, taken.offset_);
    std::swap(size_, taken.size_);
    return *this;
  }
  ~Buffer() {
    if (slab_ != nullptr) slab_->release();
  }

  /// Takes over one reference to `slab` that the caller owns. With `size` 0 it is released.
  [[nodiscard]] static Buffer adopt(Slab& slab, std::size_t offset, std::size_t size) noexcept {
    WEIR_ASSERT(offset <= slab.capacity && size <= slab.capacity - offset);
    if (size == 0) [[unlikely]] {
      slab.release();
      return {};
    }
    return Buffer(slab, static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(size));
  }

  /// Makes another reference to `slab`.
  [[nodiscard]] static Buffer slice_of(Slab& slab, std::size_t offset, std::size_t size) noexcept {
    WEIR_ASSERT(offset <= slab.capacity && size <= slab.capacity - offset);
    if (size == 0) [[unlikely]]
      return {};
    slab.add_reference();
    return Buffer(slab, static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(size));
  }

  /// Owns `memory` of `size` bytes, at most `Slab::capacity_max`. Not counted by any pool.
  [[nodiscard]] static Buffer adopt(std::unique_ptr<std::byte[]> memory, std::size_t size) noexcept;

  /// A copy on the heap, at most `Slab::capacity_max` bytes. Not counted by any pool.
  [[nodiscard]] static Buffer copy_of(std::span<const std::byte> bytes) noexcept;

  /// `size` bytes on the heap, not initialised, to be filled through `writable()`.
  [[nodiscard]] static Buffer uninitialized(std::size_t size) noexcept;

  [[nodiscard]] const std::byte* data() const noexcept {
    return slab_ == nullptr ? nullptr : slab_->data + offset_;
  }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {data(), size_}; }

  /// The bytes, to be written. The caller knows that nobody else reads this slice: it came from
  /// `allocate`, `take` or a copy and was not shared.
  [[nodiscard]] std::span<std::byte> writable() noexcept {
    WEIR_ASSERT(slab_ == nullptr || slab_->kind != Slab::Kind::borrowed);
    return {slab_ == nullptr ? nullptr : slab_->data + offset_, size_};
  }

  /// nullptr for an empty buffer.
  [[nodiscard]] Slab* slab() const noexcept { return slab_; }
  /// Where the slice begins in its slab.
  [[nodiscard]] std::size_t offset() const noexcept { return offset_; }

  /// Another reference to the same bytes.
  [[nodiscard]] Buffer share() const noexcept {
    if (slab_ == nullptr) return {};
    slab_->add_reference();
    return Buffer(*slab_, offset_, size_);
  }

  /// Another reference to `size` bytes from `offset`, which must lie within this buffer.
  [[nodiscard]] Buffer slice(std::size_t offset, std::size_t size) const noexcept {
    WEIR_ASSERT(offset <= size_ && size <= size_ - offset);
    if (size == 0) return {};
    slab_->add_reference();
    return Buffer(*slab_, offset_ + static_cast<std::uint32_t>(offset),
                  static_cast<std::uint32_t>(size));
  }

  /// Drops the first `count` bytes; the reference too if none are left.
  void trim_front(std::size_t count) noexcept {
    WEIR_ASSERT(count <= size_);
    offset_ += static_cast<std::uint32_t>(count);
    size_ -= static_cast<std::uint32_t>(count);
    if (size_ == 0) drop();
  }

  /// Drops the last `count` bytes; the reference too if none are left.
  void trim_back(std::size_t count) noexcept {
    WEIR_ASSERT(count <= size_);
    size_ -= static_cast<std::uint32_t>(count);
    if (size_ == 0) drop();
  }

  /// Splits: the first `count` bytes leave as a buffer of their own.
  [[nodiscard]] Buffer take_front(std::size_t count) noexcept {
    WEIR_ASSERT(count <= size_);
    if (count == size_) return std::move(*this);
    Buffer front = slice(0, count);
    offset_ += static_cast<std::uint32_t>(count);
    size_ -= static_cast<std::uint32_t>(count);
    return front;
  }

  /// True if `next` begins in the same slab exactly where this buffer ends.
  [[nodiscard]] bool is_followed_by(const Buffer& next) const noexcept {
    return slab_ == next.slab_ && offset_ + size_ == next.offset_;
  }

 private:
  friend class Chain;
  friend class detail::Compaction;

  Buffer(Slab& slab, std::uint32_t offset, std::uint32_t size) noexcept
      : slab_(&slab), offset_(offset), size_(size) {}

  void drop() noexcept {
    if (slab_ != nullptr) std::exchange(slab_, nullptr)->release();
  }

  Slab* slab_ = nullptr;
  std::uint32_t offset_ = 0;
  std::uint32_t size_ = 0;
};

static_assert(sizeof(Buffer) == 16);

/// Lends memory of somebody else as a `Buffer` without a copy: embedded in the operation that
/// knows when the memory is no longer used. One shard only; the destructor asserts that each
/// buffer of it is gone.
class BorrowedSlab {
 public:
  BorrowedSlab() noexcept = default;
  /// Lends `bytes`, at most `Slab::capacity_max`: cut longer ones into pieces.
  explicit BorrowedSlab(std::span<const std::byte> bytes) noexcept { lend(bytes); }
  BorrowedSlab(const BorrowedSlab&) = delete;
  BorrowedSlab& operator=(const BorrowedSlab&) = delete;
  ~BorrowedSlab() { WEIR_ASSERT(!is_in_use()); }

  /// Lends other bytes from now on; no buffer may be left of the ones before.
  void lend(std::span<const std::byte> bytes) noexcept;

  /// A buffer over all bytes lent.
  [[nodiscard]] Buffer buffer() noexcept { return Buffer::slice_of(slab_, 0, slab_.capacity); }

  /// True while a buffer refers to the memory.
  [[nodiscard]] bool is_in_use() const noexcept { return slab_.refs != 0; }

 private:
  Slab slab_;
};

}  // namespace weir
