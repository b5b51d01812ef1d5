#include "delay_queue.h"

#include <algorithm>

#include "weir/base/assert.h"

namespace delay_relay {

DelayQueue::DelayQueue(const DelayQueueOptions& options)
    : delay_(options.delay),
      packet_bytes_max_(options.packet_bytes_max),
      entries_(options.packets_max + 1),
      memory_(std::make_unique_for_overwrite<std::byte[]>(entries_.size() * packet_bytes_max_)) {
  WEIR_ASSERT(options.packets_max > 0);
  WEIR_ASSERT(options.packet_bytes_max > 0);
}

bool DelayQueue::push(std::size_t bytes, weir::TimePoint arrived) noexcept {
  WEIR_ASSERT(bytes <= packet_bytes_max_);
  if (size_ == entries_.size() - 1) {
    ++dropped_count_;
    return false;
  }
  const weir::TimePoint due = weir::deadline_after(arrived, delay_);
  WEIR_ASSERT(size_ == 0 || entries_[wrapped(first_ + size_ - 1)].due <= due);
  entries_[wrapped(first_ + size_)] = {.bytes = bytes, .due = due};
  ++size_;
  size_max_ = std::max(size_max_, size_);
  return true;
}

DelayedPacket DelayQueue::front() noexcept {
  WEIR_ASSERT(!empty());
  return {.bytes = slot(first_).first(entries_[first_].bytes), .due = entries_[first_].due};
}

void DelayQueue::pop() noexcept {
  WEIR_ASSERT(!empty());
  first_ = wrapped(first_ + 1);
  --size_;
}

}  // namespace delay_relay
