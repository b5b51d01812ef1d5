#include "weir/protocols/byte_cursor.h"

namespace weir::protocols {

void ByteCursor::copy_to(std::span<std::byte> target, std::size_t offset) const noexcept {
  WEIR_ASSERT(offset <= size() && target.size() <= size() - offset);
  view(offset, target.size()).copy_to(target);
}

ByteCursor ByteCursor::ahead(std::size_t count) const noexcept {
  WEIR_ASSERT(count <= size());
  ByteCursor place = *this;
  if (count < size() / 2 || count < contiguous_bytes()) {
    place.advance(count);
    return place;
  }
  std::size_t behind = 0;  // bytes of the buffers after *buffer
  const Buffer* buffer = buffers_end_;
  while (buffer != buffer_ && size() - behind > count) {
    --buffer;
    behind += buffer->size();
  }
  if (buffer == buffer_ || buffer == buffers_end_) {
    place.advance(count);
    return place;
  }
  place.buffer_ = buffer;
  place.end_ = buffer->data() + buffer->size();
  place.later_bytes_ = behind - buffer->size();
  place.at_ = place.end_ - (size() - count - place.later_bytes_);
  return place;
}

void ByteCursor::advance_to_later_buffer(std::size_t count) noexcept {
  WEIR_ASSERT(count <= size());
  while (count >= contiguous_bytes()) {
    count -= contiguous_bytes();
    if (later_bytes_ == 0) {
      at_ = end_;
      return;
    }
    ++buffer_;
    at_ = buffer_->data();
    end_ = at_ + buffer_->size();
    later_bytes_ -= buffer_->size();
  }
  at_ += count;
}

FrameView ByteCursor::view_of_later_buffers(std::size_t offset, std::size_t count) const noexcept {
  WEIR_ASSERT(offset <= size() && count <= size() - offset);
  return FrameView(at_, offset + count, buffer_).without_front(offset);
}

}  // namespace weir::protocols
