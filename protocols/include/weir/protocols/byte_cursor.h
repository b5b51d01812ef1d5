// A place in a chain that decoders read from and move on, without changing the chain.
//
//     chain    [ . . . . . . . ][ . . . . ][ . . ]
//     cursor         ^ data()   |
//                    |<-------->| contiguous_bytes()
//                    |<-------------------------->| size()
//
// Moving on is an addition as long as the cursor stays in its buffer. No reference is counted: one
// cursor serves a batch of frames, and the chain is cut once behind the last of them.
// The chain outlives the cursor and does not change meanwhile.
#pragma once

#include <cstddef>
#include <span>

#include "weir/base/assert.h"
#include "weir/base/buffer.h"
#include "weir/base/chain.h"
#include "weir/protocols/frame_view.h"

namespace weir::protocols {

class ByteCursor {
 public:
  explicit ByteCursor(const Chain& chain) noexcept
      : buffer_(chain.begin()), buffers_end_(chain.end()), total_bytes_(chain.size()) {
    if (buffer_ != buffers_end_) {
      at_ = buffer_->data();
      end_ = at_ + buffer_->size();
      later_bytes_ = total_bytes_ - buffer_->size();
    }
  }

  /// Bytes from here to the end of the chain.
  [[nodiscard]] std::size_t size() const noexcept { return contiguous_bytes() + later_bytes_; }
  [[nodiscard]] bool empty() const noexcept { return at_ == end_; }
  /// Bytes from the front of the chain to here.
  [[nodiscard]] std::size_t position() const noexcept { return total_bytes_ - size(); }

  /// The bytes up to the end of the current buffer; none only at the end of the chain.
  [[nodiscard]] const std::byte* data() const noexcept { return at_; }
  [[nodiscard]] std::size_t contiguous_bytes() const noexcept {
    return static_cast<std::size_t>(end_ - at_);
  }

  /// Moves on by `count` bytes, at most `size()`.
  void advance(std::size_t count) noexcept {
    if (count < contiguous_bytes()) [[likely]] {
      at_ += count;
    } else {
      advance_to_later_buffer(count);
    }
  }

  /// A cursor `count` bytes from here. Looks for the place from the nearer end, so that what was
  /// added last is found at once in a chain of very many buffers.
  [[nodiscard]] ByteCursor ahead(std::size_t count) const noexcept;

  /// Moves to `at`, which lies before the end of the current buffer.
  void move_to(const std::byte* at) noexcept { at_ = at; }

  /// The `count` bytes that begin `offset` bytes from here, all of which must be there.
  [[nodiscard]] FrameView view(std::size_t offset, std::size_t count) const noexcept {
    if (offset + count <= contiguous_bytes()) [[likely]]
      return {at_ + offset, count, buffer_};
    return view_of_later_buffers(offset, count);
  }

  /// `buffer()` holds `data()`; nullptr only for an empty chain.
  [[nodiscard]] const Buffer* buffer() const noexcept { return buffer_; }

  /// Copies the bytes that begin `offset` bytes from here; all of them must be there.
  void copy_to(std::span<std::byte> target, std::size_t offset = 0) const noexcept;

 private:
  void advance_to_later_buffer(std::size_t count) noexcept;
  [[nodiscard]] FrameView view_of_later_buffers(std::size_t offset,
                                                std::size_t count) const noexcept;

  const std::byte* at_ = nullptr;
  const std::byte* end_ = nullptr;  // of *buffer_
  std::size_t later_bytes_ = 0;     // in the buffers behind *buffer_
  const Buffer* buffer_;
  const Buffer* buffers_end_;
  std::size_t total_bytes_;
};

}  // namespace weir::protocols
