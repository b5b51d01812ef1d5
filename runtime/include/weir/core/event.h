// Event: something that happens once, or again after a reset, and that any number of tasks wait
// for.
//
//     weir::Event ready;
//     co_await ready.wait();   // in some tasks
//     ready.set();             // in another: all of them go on
//
// Shard-local: to tell another shard, call it (weir/core/call.h) and set the event there.
#pragma once

#include <coroutine>
#include <system_error>

#include "weir/base/assert.h"
#include "weir/base/result.h"
#include "weir/core/wait_queue.h"

namespace weir {

/// Stays set until it is reset. Nobody waits when it is destroyed.
/// Invariant: nobody waits while it is set.
class Event {
 public:
  class [[nodiscard]] Wait;

  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event();

  [[nodiscard]] bool is_set() const noexcept { return set_; }

  /// All that wait now resume, in the order in which they came, later in this turn or in the next:
  /// never inside this call. A `reset` meanwhile takes nothing from them.
  void set() noexcept;

  /// Whoever waits from here on waits for the next `set`.
  void reset() noexcept { set_ = false; }

  /// Yields nothing once the event is set, at once if it is already; or the reason of the
  /// cancellation. Allocates nothing.
  [[nodiscard]] Wait wait() noexcept;

 private:
  bool set_ = false;
  detail::WaitQueue<Wait> waiters_;
};

/// The awaitable of `wait`.
class Event::Wait final : private detail::Waiter {
 public:
  explicit Wait(Event& event) noexcept : event_(event) {}

  using Waiter::bind;
  bool await_ready() noexcept { return refused() || event_.set_; }
  void await_suspend(std::coroutine_handle<> coroutine) noexcept {
    suspend(coroutine);
    event_.waiters_.push_back(*this);
  }
  Result<void> await_resume() const noexcept { return outcome(); }

 private:
  friend class Event;
  friend class detail::WaitQueue<Wait>;
  void on_cancel(std::error_code reason) noexcept override { give_up(reason); }

  Event& event_;
};

inline Event::~Event() {
  WEIR_ASSERT(waiters_.empty() /* somebody waits for an event that ends */);
}

inline void Event::set() noexcept {
  set_ = true;
  while (!waiters_.empty()) waiters_.pop_front().resume_soon();
}

inline Event::Wait Event::wait() noexcept { return Wait(*this); }

}  // namespace weir
