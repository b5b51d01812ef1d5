// The descriptors that are served in the next poll without a new event, first come, first served.
#pragma once

#include <cstddef>

#include "reactor/descriptor.h"
#include "weir/base/assert.h"

namespace weir::reactor {

/// Intrusive. Invariant: a descriptor is in it exactly while its `pending` is set.
class DescriptorQueue {
 public:
  DescriptorQueue() = default;
  DescriptorQueue(const DescriptorQueue&) = delete;
  DescriptorQueue& operator=(const DescriptorQueue&) = delete;
  ~DescriptorQueue() { WEIR_ASSERT(empty()); }

  [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// Nothing happens if it is in already: it keeps its turn.
  void push_back(Descriptor& descriptor) noexcept {
    if (descriptor.pending) return;
    descriptor.pending = true;
    descriptor.pending_next = nullptr;
    descriptor.pending_prev = last_;
    (last_ == nullptr ? first_ : last_->pending_next) = &descriptor;
    last_ = &descriptor;
    ++size_;
  }

  /// Nothing happens if it is not in.
  void remove(Descriptor& descriptor) noexcept {
    if (!descriptor.pending) return;
    descriptor.pending = false;
    Descriptor* const next = descriptor.pending_next;
    Descriptor* const previous = descriptor.pending_prev;
    (previous == nullptr ? first_ : previous->pending_next) = next;
    (next == nullptr ? last_ : next->pending_prev) = previous;
    descriptor.pending_next = descriptor.pending_prev = nullptr;
    --size_;
  }

  [[nodiscard]] Descriptor& pop_front() noexcept {
    WEIR_ASSERT(first_ != nullptr);
    Descriptor& first = *first_;
    remove(first);
    return first;
  }

 private:
  Descriptor* first_ = nullptr;
  Descriptor* last_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace weir::reactor
