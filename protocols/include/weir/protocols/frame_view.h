// The bytes of one frame, borrowed from the chain they were received in.
//
//     chain    [ . . . . . F F F ][ F F F F ][ F F . . ]
//     view               |-------- 3 pieces -----|
//
// A frame that lies within one buffer is one piece: `bytes()`. One that spans buffers has a piece
// in each, and nobody copies them together unless `coalesce_into` or the retained chain is asked.
// Views are valid until the chain changes: until the batch they came from ends. `retain()` makes
// one that stays.
#pragma once

#include <cstddef>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "weir/base/assert.h"
#include "weir/base/buffer.h"
#include "weir/base/buffer_pool.h"
#include "weir/base/chain.h"

namespace weir::protocols {

/// Where a frame lies, counted from the first byte that is in no frame yet.
//
//      |<-- offset -->|<-- size -->|      |
//      |<--------- wire_bytes ----------->|
struct FrameExtent {
  std::size_t offset;      ///< of the first byte that is returned
  std::size_t size;        ///< bytes that are returned
  std::size_t wire_bytes;  ///< all bytes of the frame
};

class FrameView {
 public:
  /// Below this many bytes `retain` copies: that costs no more than a reference, and a small
  /// frame then does not keep a whole receive slab from being used again.
  static constexpr std::size_t copied_bytes_max = 256;

  class Iterator;

  constexpr FrameView() noexcept = default;
  /// `size` bytes from `data` on; they begin in `*buffer` and go on in the buffers behind it.
  constexpr FrameView(const std::byte* data, std::size_t size, const Buffer* buffer) noexcept
      : data_(data), size_(size), buffer_(buffer) {}
  /// Memory that belongs to no buffer. `retain` always copies it.
  constexpr explicit FrameView(std::span<const std::byte> bytes) noexcept
      : data_(bytes.data()), size_(bytes.size()) {}

  [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
  [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }

  /// The first byte; the others follow it as far as its buffer goes.
  [[nodiscard]] constexpr const std::byte* data() const noexcept { return data_; }

  /// The buffer that holds the first byte; nullptr for memory that belongs to none.
  [[nodiscard]] constexpr const Buffer* buffer() const noexcept { return buffer_; }

  /// True if all bytes lie in one buffer.
  [[nodiscard]] bool is_contiguous() const noexcept { return size_ <= first_piece_bytes(); }

  /// All bytes, which must be contiguous: see `is_contiguous` and `coalesce_into`.
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept {
    WEIR_ASSERT(is_contiguous());
    return {data_, size_};
  }

  /// All bytes in one piece: in place if they are contiguous, else copied into `storage`, which
  /// holds at least `size()` bytes.
  [[nodiscard]] std::span<const std::byte> coalesce_into(
      std::span<std::byte> storage) const noexcept {
    if (is_contiguous()) [[likely]]
      return {data_, size_};
    WEIR_ASSERT(storage.size() >= size_);
    copy_to(storage);
    return storage.first(size_);
  }

  /// Iterates over the pieces, `std::span<const std::byte>` each. An empty frame has none.
  [[nodiscard]] Iterator begin() const noexcept;
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

  /// A frame that stays when the view is gone. Fewer than `copied_bytes_max` bytes are copied
  /// into the pool of this thread (the heap without one), more are referenced; a pool that is
  /// exhausted is no error, the bytes are then referenced too.
  [[nodiscard]] Chain retain() const noexcept {
    if (is_contiguous()) [[likely]] {
      Buffer frame = try_retain();
      if (!frame.empty()) [[likely]]
        return frame;
    }
    return retain_elsewhere();
  }
  /// The same for a contiguous frame, if no more is to be done than to copy it into the rest of the
  /// pool's slab or to make a reference; else, and for an empty frame, an empty buffer. Always
  /// inline, with nothing behind it that would keep the buffer from living in registers.
  [[nodiscard, gnu::always_inline]] Buffer try_retain() const noexcept {
    if (size_ < copied_bytes_max) {
      BufferPool* const pool = BufferPool::current();
      return pool == nullptr ? Buffer{} : pool->try_copy({data_, size_});
    }
    if (buffer_ == nullptr) return {};
    return buffer_->slice(static_cast<std::size_t>(data_ - buffer_->data()), size_);
  }

  /// Copies from the front, as much as fits. \returns the bytes copied.
  std::size_t copy_to(std::span<std::byte> target) const noexcept;

  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] friend bool operator==(const FrameView& view,
                                       std::span<const std::byte> other) noexcept {
    return view.equals(other);
  }
  [[nodiscard]] friend bool operator==(const FrameView& view, std::string_view other) noexcept {
    return view.equals(std::as_bytes(std::span(other)));
  }

  /// The same frame without its first, or last, `count` bytes.
  [[nodiscard]] FrameView without_front(std::size_t count) const noexcept;
  [[nodiscard]] FrameView without_back(std::size_t count) const noexcept {
    WEIR_ASSERT(count <= size_);
    return {data_, size_ - count, buffer_};
  }

 private:
  [[nodiscard]] std::size_t first_piece_bytes() const noexcept {
    // Where nothing is left there may be no buffer either.
    if (buffer_ == nullptr || size_ == 0) return size_;
    return static_cast<std::size_t>(buffer_->data() + buffer_->size() - data_);
  }
  [[nodiscard]] bool equals(std::span<const std::byte> other) const noexcept;
  [[nodiscard]] Chain retain_elsewhere() const noexcept;

  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  const Buffer* buffer_ = nullptr;  // nullptr: memory of nobody, contiguous
};

static_assert(sizeof(FrameView) <= 24, "cheap to pass by value");

class FrameView::Iterator {
 public:
  using value_type = std::span<const std::byte>;
  using difference_type = std::ptrdiff_t;

  Iterator() noexcept = default;
  explicit Iterator(const FrameView& view) noexcept : rest_(view) {}

  [[nodiscard]] value_type operator*() const noexcept { return {rest_.data_, piece_bytes()}; }
  Iterator& operator++() noexcept {
    rest_ = rest_.without_front(piece_bytes());
    return *this;
  }
  void operator++(int) noexcept { ++*this; }
  /// The buffer the piece lies in; nullptr for memory that belongs to none.
  [[nodiscard]] const Buffer* buffer() const noexcept { return rest_.buffer_; }
  [[nodiscard]] friend bool operator==(const Iterator& it, std::default_sentinel_t) noexcept {
    return it.rest_.empty();
  }

 private:
  [[nodiscard]] std::size_t piece_bytes() const noexcept {
    const std::size_t first = rest_.first_piece_bytes();
    return first < rest_.size_ ? first : rest_.size_;
  }

  FrameView rest_;
};

inline FrameView::Iterator FrameView::begin() const noexcept { return Iterator(*this); }

}  // namespace weir::protocols
