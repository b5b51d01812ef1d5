#include "weir/protocols/frame_view.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "frame_memory.h"

namespace weir::protocols {

FrameView FrameView::without_front(std::size_t count) const noexcept {
  WEIR_ASSERT(count <= size_);
  FrameView rest = *this;
  rest.size_ -= count;
  if (buffer_ == nullptr) {
    rest.data_ += count;
    return rest;
  }
  // An empty rest stays in the buffer it ends in: there may be none behind it.
  while (count >= rest.first_piece_bytes() && rest.size_ != 0) {
    count -= rest.first_piece_bytes();
    ++rest.buffer_;
    rest.data_ = rest.buffer_->data();
  }
  rest.data_ += std::min(count, rest.first_piece_bytes());
  return rest;
}

// What needs memory from elsewhere, lies in several buffers, or is empty.
Chain FrameView::retain_elsewhere() const noexcept {
  if (size_ < copied_bytes_max || buffer_ == nullptr) {
    Result<Buffer> copy = detail::allocate_bytes(size_);
    // Memory that belongs to no buffer cannot be referenced.
    if (!copy && buffer_ == nullptr) copy = Buffer::uninitialized(size_);
    if (copy) {
      copy_to(copy->writable());
      return std::move(*copy);
    }
  }
  Chain chain;
  for (auto piece = begin(); piece != end(); ++piece) {
    const Buffer& buffer = *piece.buffer();
    const auto bytes = *piece;
    chain.append(
        buffer.slice(static_cast<std::size_t>(bytes.data() - buffer.data()), bytes.size()));
  }
  return chain;
}

std::size_t FrameView::copy_to(std::span<std::byte> target) const noexcept {
  if (is_contiguous()) [[likely]] {
    const std::size_t count = std::min(size_, target.size());
    if (count != 0) std::memcpy(target.data(), data_, count);
    return count;
  }
  std::size_t copied = 0;
  for (const auto piece : *this) {
    const std::size_t count = std::min(piece.size(), target.size() - copied);
    if (count == 0) break;
    std::memcpy(target.data() + copied, piece.data(), count);
    copied += count;
  }
  return copied;
}

std::string FrameView::to_string() const {
  std::string text;
  text.reserve(size_);
  for (const auto piece : *this) {
    text.append(reinterpret_cast<const char*>(piece.data()), piece.size());
  }
  return text;
}

bool FrameView::equals(std::span<const std::byte> other) const noexcept {
  if (other.size() != size_) return false;
  for (const auto piece : *this) {
    if (std::memcmp(piece.data(), other.data(), piece.size()) != 0) return false;
    other = other.subspan(piece.size());
  }
  return true;
}

}  // namespace weir::protocols
