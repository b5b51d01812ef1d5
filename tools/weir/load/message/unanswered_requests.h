// The requests of a connection that have no answer yet, oldest first.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "tools/weir/load/message/request.h"
#include "weir/base/assert.h"

namespace weir::tools::load {

/// A ring that doubles when it is full: its size is that of the most that were in flight, which
/// whoever sends bounds. A connection that sends nothing has no memory here.
///
/// Invariant: size_ <= capacity_ == ring_.size(), which is 0 or a power of two.
class UnansweredRequests {
 public:
  void push(const Request& request) {
    if (size_ == capacity_) [[unlikely]]
      grow();
    ring_[(front_ + size_) & (capacity_ - 1)] = request;
    ++size_;
  }

  /// The next to be answered; there must be one.
  [[nodiscard]] const Request& front() const noexcept {
    WEIR_ASSERT(size_ > 0);
    return ring_[front_];
  }
  void pop() noexcept {
    WEIR_ASSERT(size_ > 0);
    front_ = (front_ + 1) & (capacity_ - 1);
    --size_;
  }

  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  void clear() noexcept { front_ = size_ = 0; }

 private:
  void grow() {
    std::vector<Request> larger(capacity_ == 0 ? 4 : 2 * capacity_);
    for (std::size_t i = 0; i < size_; ++i) larger[i] = ring_[(front_ + i) & (capacity_ - 1)];
    ring_ = std::move(larger);
    capacity_ = ring_.size();
    front_ = 0;
  }

  std::vector<Request> ring_;
  std::size_t capacity_ = 0;  ///< a vector would divide to say it, for each request
  std::size_t front_ = 0;
  std::size_t size_ = 0;
};

}  // namespace weir::tools::load
