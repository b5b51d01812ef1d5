#include "weir/protocols/byte_cursor.h"

namespace weir::protocols {

void ByteCursor::copy_to(std::span<std::byte> target, std::size_t offset) const noexcept {
  WEIR_ASSERT(offset <= size() && target.size() <= size() - offset);
  view(offset, target.size()).copy_to(target);
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
