// Timers of one shard: a 4-ary min-heap over intrusive timers.
//
// Arming and cancelling are O(log4 n) with exact deadlines (no ticks), a million timers are 16 MB
// of heap, and the kernel is only ever given one deadline to wait for: the earliest.
// docs/design/0003-timers.md says why this and not a wheel.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "weir/base/assert.h"

namespace weir {

/// The clock of all deadlines.
using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Duration = Clock::duration;

/// `now + timeout`, without overflow: Duration::max() means never.
[[nodiscard]] constexpr TimePoint deadline_after(TimePoint now, Duration timeout) noexcept {
  return timeout >= TimePoint::max() - now ? TimePoint::max() : now + timeout;
}

/// Something due at a time. Embedded in its owner; movable only while not armed.
class Timer {
 public:
  Timer() = default;
  Timer(Timer&& other) noexcept { WEIR_ASSERT(!other.armed()); }
  Timer& operator=(Timer&&) = delete;

  [[nodiscard]] bool armed() const noexcept { return index_ != not_armed; }

 protected:
  ~Timer() { WEIR_ASSERT(!armed()); }

  /// Called by the shard when the time has come; the timer is no longer armed and may be armed
  /// again. Must not resume a coroutine: make it ready instead.
  virtual void on_due() noexcept = 0;

 private:
  friend class TimerQueue;
  static constexpr std::size_t not_armed = static_cast<std::size_t>(-1);
  std::size_t index_ = not_armed;  ///< where in the heap
};

/// Invariants: every entry's timer knows its index; no entry is earlier than its parent.
class TimerQueue {
 public:
  TimerQueue() = default;
  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;
  ~TimerQueue() { WEIR_ASSERT(heap_.empty()); }

  [[nodiscard]] std::size_t size() const noexcept { return heap_.size(); }

  /// The earliest deadline, or TimePoint::max() if no timer is armed.
  [[nodiscard]] TimePoint next_deadline() const noexcept {
    return heap_.empty() ? TimePoint::max() : heap_.front().deadline;
  }

  /// Arms the timer, or moves an armed one. TimePoint::max() means never: the timer is not armed.
  void arm(Timer& timer, TimePoint deadline);

  /// No effect on a timer that is not armed.
  void cancel(Timer& timer) noexcept;

  /// Calls `on_due` of what was due at `now`, earliest first, at most `count_max` timers: the rest
  /// is still due and comes next. Returns how many.
  std::size_t run_due(TimePoint now, std::size_t count_max) noexcept;

  /// Walks the whole heap; for tests.
  void check_invariants() const noexcept;

 private:
  struct Entry {
    TimePoint deadline;
    Timer* timer;
  };
  void place(std::size_t index, Entry entry) noexcept;
  void sift_up(std::size_t index, Entry entry) noexcept;
  void sift_down(std::size_t index, Entry entry) noexcept;

  std::vector<Entry> heap_;
};

}  // namespace weir
