// A fixed number of places for values, first in, first out; allocated once.
#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

#include "weir/base/assert.h"

namespace weir::detail {

/// Invariant: the `size_` places from `first_` on, around the end, hold values.
template <typename T>
class ValueRing {
  static_assert(std::is_nothrow_move_constructible_v<T>);

 public:
  explicit ValueRing(std::size_t capacity) : capacity_(capacity) {
    WEIR_ASSERT(capacity >= 1);
    places_ = std::allocator<T>().allocate(capacity);
  }
  ValueRing(const ValueRing&) = delete;
  ValueRing& operator=(const ValueRing&) = delete;
  ~ValueRing() {
    while (!empty()) static_cast<void>(pop_front());
    std::allocator<T>().deallocate(places_, capacity_);
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] bool full() const noexcept { return size_ == capacity_; }

  /// Precondition: not full.
  void push_back(T&& value) noexcept {
    WEIR_ASSERT(!full());
    const std::size_t to_end = capacity_ - first_;
    const std::size_t index = size_ < to_end ? first_ + size_ : size_ - to_end;
    std::construct_at(places_ + index, std::move(value));
    ++size_;
  }

  /// Precondition: not empty.
  [[nodiscard]] T pop_front() noexcept {
    WEIR_ASSERT(!empty());
    T* const place = places_ + first_;
    T value = std::move(*place);
    std::destroy_at(place);
    first_ = first_ + 1 == capacity_ ? 0 : first_ + 1;
    --size_;
    return value;
  }

 private:
  const std::size_t capacity_;
  T* places_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace weir::detail
