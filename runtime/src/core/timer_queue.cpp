#include "weir/core/timer_queue.h"

#include <algorithm>

namespace weir {
namespace {
constexpr std::size_t arity = 4;
}  // namespace

void TimerQueue::place(std::size_t index, Entry entry) noexcept {
  heap_[index] = entry;
  entry.timer->index_ = index;
}

void TimerQueue::sift_up(std::size_t index, Entry entry) noexcept {
  while (index > 0) {
    const std::size_t parent = (index - 1) / arity;
    if (heap_[parent].deadline <= entry.deadline) break;
    place(index, heap_[parent]);
    index = parent;
  }
  place(index, entry);
}

void TimerQueue::sift_down(std::size_t index, Entry entry) noexcept {
  for (;;) {
    const std::size_t first = index * arity + 1;
    if (first >= heap_.size()) break;
    const std::size_t end = std::min(first + arity, heap_.size());
    std::size_t earliest = first;
    for (std::size_t child = first + 1; child < end; ++child) {
      if (heap_[child].deadline < heap_[earliest].deadline) earliest = child;
    }
    if (entry.deadline <= heap_[earliest].deadline) break;
    place(index, heap_[earliest]);
    index = earliest;
  }
  place(index, entry);
}

void TimerQueue::arm(Timer& timer, TimePoint deadline) {
  if (deadline == TimePoint::max()) {
    cancel(timer);
    return;
  }
  if (!timer.armed()) {
    heap_.push_back({});
    sift_up(heap_.size() - 1, {deadline, &timer});
    return;
  }
  const std::size_t index = timer.index_;
  const bool earlier = deadline < heap_[index].deadline;
  if (earlier) {
    sift_up(index, {deadline, &timer});
  } else {
    sift_down(index, {deadline, &timer});
  }
}

void TimerQueue::cancel(Timer& timer) noexcept {
  if (!timer.armed()) return;
  const std::size_t index = timer.index_;
  WEIR_ASSERT(heap_[index].timer == &timer);
  timer.index_ = Timer::not_armed;
  const Entry last = heap_.back();
  heap_.pop_back();
  if (index == heap_.size()) return;
  if (index > 0 && last.deadline < heap_[(index - 1) / arity].deadline) {
    sift_up(index, last);
  } else {
    sift_down(index, last);
  }
}

std::size_t TimerQueue::run_due(TimePoint now, std::size_t count_max) noexcept {
  std::size_t count = 0;
  while (count < count_max && !heap_.empty() && heap_.front().deadline <= now) {
    Timer& timer = *heap_.front().timer;
    cancel(timer);
    timer.on_due();
    ++count;
  }
  return count;
}

void TimerQueue::check_invariants() const noexcept {
  for (std::size_t index = 0; index < heap_.size(); ++index) {
    WEIR_ASSERT(heap_[index].timer->index_ == index);
    if (index > 0) WEIR_ASSERT(heap_[(index - 1) / arity].deadline <= heap_[index].deadline);
  }
}

}  // namespace weir
