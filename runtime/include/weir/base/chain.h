// A short sequence of buffers and its total length: what a stream delivers and takes.
//
//     size 19     [ slice 8 bytes ] [ slice 4 bytes ] [ slice 7 bytes ]
//
// Two buffers are held inline, more in one heap block; taking from the front is O(1). Buffers
// that are neighbours in one slab merge, so the inbox of a stream that trickles stays one entry.
// One shard at a time, like the buffers in it.
//
// Invariant: no buffer in it is empty, and size() is the sum of their sizes.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "weir/base/assert.h"
#include "weir/base/buffer.h"

namespace weir {

class Chain {
 public:
  Chain() noexcept {}  // not defaulted: the union below has no default constructor
  /// A chain of one buffer, or of none if it is empty. Implicit: a buffer is a chain.
  // NOLINTNEXTLINE(google-explicit-constructor)
  Chain(Buffer&& buffer) noexcept : size_(buffer.size_), count_(buffer.size_ != 0 ? 1 : 0) {
    // Without a branch: an empty buffer owns nothing, and its slot needs no destructor.
    ::new (inline_) Buffer(std::move(buffer));
  }
  Chain(Chain&& other) noexcept { take(other); }
  Chain& operator=(Chain&& other) noexcept {
    Chain taken(std::move(other));
    swap(taken);
    return *this;
  }
  ~Chain() {
    // Most chains are one buffer that lives for a message.
    if (spilled() || count_ > 1) [[unlikely]] {
      destroy();
    } else if (count_ != 0) {
      inline_[head_].~Buffer();
    }
  }

  void swap(Chain& other) noexcept;

  /// Bytes in all buffers.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

  [[nodiscard]] std::size_t buffer_count() const noexcept { return count_; }
  /// The first buffer; the chain must not be empty.
  [[nodiscard]] const Buffer& front() const noexcept {
    WEIR_ASSERT(count_ > 0);
    return *begin();
  }
  /// Iterates over the buffers. Pointers are valid until the chain changes.
  [[nodiscard]] const Buffer* begin() const noexcept { return slots() + head_; }
  [[nodiscard]] const Buffer* end() const noexcept { return begin() + count_; }

  /// Adds at the end. An empty buffer vanishes; one that continues the last buffer extends it.
  void append(Buffer&& buffer) noexcept {
    if (buffer.size_ == 0) return;
    size_ += buffer.size_;
    Buffer* const end = slots() + head_ + count_;
    if (count_ != 0 && end[-1].is_followed_by(buffer)) {
      end[-1].size_ += buffer.size_;
      buffer.size_ = 0;
      buffer.drop();
    } else if (head_ + count_ < capacity_) {
      ::new (end) Buffer(std::move(buffer));
      ++count_;
    } else {
      append_after_growth(std::move(buffer));
    }
  }
  /// Makes the last buffer `count` bytes longer if it ends at `offset` of `slab`, which has room
  /// for them and whose bytes there are nobody's. \returns false if it does not.
  [[nodiscard]] bool try_extend(const Slab& slab, std::size_t offset, std::size_t count) noexcept {
    // Slow, because a SlabCursor has just asked, for each small frame.
    WEIR_ASSERT_SLOW(offset <= slab.capacity && count <= slab.capacity - offset);
    if (count_ == 0) return false;
    Buffer& last = slots()[head_ + count_ - 1];
    if (last.slab_ != &slab || last.offset_ + last.size_ != offset) return false;
    last.size_ += static_cast<std::uint32_t>(count);
    size_ += count;
    return true;
  }
  /// Moves everything of `other` to the end of this chain; `other` is empty afterwards.
  void append(Chain&& other) noexcept;

  /// Adds at the front, merging likewise.
  void prepend(Buffer&& buffer) noexcept;

  /// Takes the first `count` bytes out as a chain of their own. No byte is copied.
  [[nodiscard]] Chain split(std::size_t count) noexcept;

  /// Drops the first, or last, `count` bytes and the buffers that become empty.
  void trim_front(std::size_t count) noexcept {
    if (count_ != 0 && count < slots()[head_].size_) {
      Buffer& first = slots()[head_];
      first.offset_ += static_cast<std::uint32_t>(count);
      first.size_ -= static_cast<std::uint32_t>(count);
      size_ -= count;
    } else {
      trim_whole_front(count);
    }
  }
  void trim_back(std::size_t count) noexcept;

  /// Takes the first buffer; the chain must not be empty.
  [[nodiscard]] Buffer pop_front() noexcept {
    WEIR_ASSERT(count_ > 0);
    Buffer buffer = std::move(slots()[head_]);
    size_ -= buffer.size_;
    ++head_;
    if (--count_ == 0) became_empty();
    return buffer;
  }

  /// Another chain of references to the same bytes.
  [[nodiscard]] Chain share() const noexcept;

  /// Drops everything, the heap block too.
  void clear() noexcept {
    if (count_ != 0 || spilled()) destroy();
  }

  /// All bytes in one piece. Free with one buffer; otherwise the bytes are copied together into
  /// one heap buffer that replaces the others, so that a second call is free. At most
  /// `Slab::capacity_max` bytes if there is something to copy.
  [[nodiscard]] std::span<const std::byte> coalesce() noexcept;

  /// Copies from the front into `target`, as much as fits. \returns the bytes copied.
  std::size_t copy_to(std::span<std::byte> target) const noexcept;

  /// Describes the front of the chain for a gather: at most `out.size()` entries and `bytes_max`
  /// bytes. \returns the entries written.
  std::size_t iovecs(std::span<iovec> out, std::size_t bytes_max = SIZE_MAX) const noexcept;

  /// Position of the first occurrence that begins at `from` or later; occurrences may lie across
  /// buffers. An empty needle is found at `from`. To resume after more bytes arrived, pass the old
  /// size minus the needle's length minus one.
  [[nodiscard]] std::optional<std::size_t> find(std::byte needle,
                                                std::size_t from = 0) const noexcept;
  [[nodiscard]] std::optional<std::size_t> find(std::span<const std::byte> needle,
                                                std::size_t from = 0) const noexcept;
  [[nodiscard]] std::optional<std::size_t> find(std::string_view needle,
                                                std::size_t from = 0) const noexcept;

  /// Compares the bytes; how they are cut does not matter.
  [[nodiscard]] friend bool operator==(const Chain& a, const Chain& b) noexcept {
    return a.equals(b);
  }
  [[nodiscard]] friend bool operator==(const Chain& a, std::span<const std::byte> b) noexcept {
    return a.equals(b);
  }
  [[nodiscard]] friend bool operator==(const Chain& a, std::string_view b) noexcept {
    return a.equals(std::as_bytes(std::span(b)));
  }

  [[nodiscard]] std::string to_string() const;

  /// Asserts the invariant above. O(buffers).
  void check_invariants() const noexcept;

 private:
  friend class detail::Compaction;

  static constexpr std::uint32_t inline_capacity = 2;

  [[nodiscard]] bool spilled() const noexcept { return capacity_ != inline_capacity; }
  [[nodiscard]] Buffer* slots() noexcept { return spilled() ? spill_ : inline_; }
  [[nodiscard]] const Buffer* slots() const noexcept { return spilled() ? spill_ : inline_; }

  // Takes all of `other`, which is empty afterwards; this chain holds nothing, not even a block.
  void take(Chain& other) noexcept {
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, inline_capacity);
    head_ = std::exchange(other.head_, 0);
    count_ = std::exchange(other.count_, 0);
    if (spilled()) {
      spill_ = other.spill_;
    } else {
      for (std::uint32_t i = head_; i < head_ + count_; ++i) {
        ::new (inline_ + i) Buffer(std::move(other.inline_[i]));
      }
    }
  }

  void destroy() noexcept;
  void became_empty() noexcept;
  void free_spill() noexcept;
  void append_after_growth(Buffer&& buffer) noexcept;
  void reserve_back(std::uint32_t count) noexcept;
  void reserve_front() noexcept;
  [[nodiscard]] std::uint32_t grown_capacity(std::uint32_t count) const noexcept;
  void rearrange(std::uint32_t capacity, std::uint32_t head) noexcept;
  void trim_whole_front(std::size_t count) noexcept;
  void merge_neighbours() noexcept;
  [[nodiscard]] bool equals(const Chain& other) const noexcept;
  [[nodiscard]] bool equals(std::span<const std::byte> other) const noexcept;
  [[nodiscard]] bool continues_with(const Buffer* buffer, std::size_t offset,
                                    std::span<const std::byte> needle) const noexcept;
  [[nodiscard]] std::optional<std::size_t> find_beginning_in(
      const Buffer* buffer, std::size_t from, std::span<const std::byte> needle) const noexcept;

  std::size_t size_ = 0;
  std::uint32_t capacity_ = inline_capacity;
  std::uint32_t head_ = 0;  // slots before the first buffer; they hold no buffer
  std::uint32_t count_ = 0;
  union {
    Buffer inline_[inline_capacity];  // alive: [head_, head_ + count_) while not spilled
    Buffer* spill_;                   // a heap block of capacity_ slots if that is more
  };
};

static_assert(sizeof(Chain) <= 56, "every stream has two, and every task that reads has one");

}  // namespace weir
