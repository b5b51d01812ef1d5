// Waiting for a time.
#pragma once

#include <coroutine>

#include "weir/base/result.h"
#include "weir/core/suspension.h"
#include "weir/core/timer_queue.h"

namespace weir {

/// The awaitable of `sleep_until`. Yields nothing, or why it was cancelled.
class [[nodiscard]] Sleep final : private Timer, private detail::Suspension {
 public:
  explicit Sleep(TimePoint deadline) noexcept : deadline_(deadline) {}
  ~Sleep() = default;
  Sleep(Sleep&&) = default;

  using Suspension::bind;
  bool await_ready() noexcept {
    error_ = cancelled();
    return error_ || deadline_ <= Clock::now();
  }
  void await_suspend(std::coroutine_handle<> coroutine) {
    suspend(coroutine);
    Shard::current().timers().arm(*this, deadline_);
  }
  Result<void> await_resume() const noexcept {
    if (error_) return std::unexpected(error_);
    return {};
  }

 private:
  void on_due() noexcept override { resume_soon(); }
  void on_cancel(std::error_code reason) noexcept override {
    error_ = reason;
    Shard::current().timers().cancel(*this);
    resume_soon();
  }

  TimePoint deadline_;
  std::error_code error_;
};

/// Resumes at `deadline` or a little later, never earlier. TimePoint::max(): only by cancellation.
[[nodiscard]] inline Sleep sleep_until(TimePoint deadline) noexcept { return Sleep(deadline); }

[[nodiscard]] inline Sleep sleep_for(Duration duration) noexcept {
  return Sleep(deadline_after(Clock::now(), duration));
}

/// Lets everything else that is ready run first. Not a point of cancellation.
class [[nodiscard]] Yield final : private detail::Suspension {
 public:
  using Suspension::bind;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> coroutine) noexcept {
    suspend_shielded(coroutine);
    resume_soon();
  }
  void await_resume() const noexcept {}

 private:
  void on_cancel(std::error_code) noexcept override {}
};

[[nodiscard]] inline Yield yield() noexcept { return {}; }

}  // namespace weir
