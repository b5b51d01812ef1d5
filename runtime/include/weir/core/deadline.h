// Deadlines for anything that can be awaited.
//
//     auto answer = co_await weir::with_timeout(std::chrono::seconds(2), stream.read());
//
// The awaited operation runs in a cancellation domain of its own. When the time has come it is
// cancelled with `Error::deadline_exceeded`, and what it returns is what this returns: an operation
// that succeeded at the same moment has succeeded, and nothing is lost. No coroutine frame, no
// allocation.
#pragma once

#include <coroutine>
#include <type_traits>
#include <utility>

#include "weir/core/cancel.h"
#include "weir/core/shard.h"
#include "weir/core/task.h"
#include "weir/core/timer_queue.h"

namespace weir {

/// The awaitable of `with_deadline`.
template <Bindable A>
class [[nodiscard]] WithDeadline final : private Timer {
 public:
  WithDeadline(TimePoint deadline, A&& awaitable) noexcept(std::is_nothrow_move_constructible_v<A>)
      : deadline_(deadline), awaitable_(std::move(awaitable)) {}
  WithDeadline(WithDeadline&&) = default;

  void bind(CancelDomain* parent) noexcept {
    domain_.attach(parent);
    awaitable_.bind(&domain_);
  }
  bool await_ready() {
    if (deadline_ <= Clock::now()) domain_.request(Error::deadline_exceeded);
    return awaitable_.await_ready();
  }
  bool await_suspend(std::coroutine_handle<> coroutine) {
    bool suspended = true;
    if constexpr (std::is_void_v<decltype(awaitable_.await_suspend(coroutine))>) {
      awaitable_.await_suspend(coroutine);
    } else {
      suspended = awaitable_.await_suspend(coroutine);
    }
    // Only now: what ends at once, as most reads under load do, needs no timer. Nothing can have
    // resumed the coroutine since, because resuming is the ready queue's.
    if (suspended && !domain_.requested()) Shard::current().timers().arm(*this, deadline_);
    return suspended;
  }
  decltype(auto) await_resume() {
    if (armed()) Shard::current().timers().cancel(*this);
    return awaitable_.await_resume();
  }

 private:
  void on_due() noexcept override { domain_.request(Error::deadline_exceeded); }

  TimePoint deadline_;
  CancelDomain domain_;
  A awaitable_;
};

/// Awaits `awaitable` (a Task or an operation) and cancels it at `deadline`.
template <Bindable A>
  requires(!std::is_lvalue_reference_v<A>)
[[nodiscard]] WithDeadline<A> with_deadline(TimePoint deadline, A&& awaitable) {
  return {deadline, std::forward<A>(awaitable)};
}

/// The same, `timeout` from now. Duration::max(): no limit.
template <Bindable A>
  requires(!std::is_lvalue_reference_v<A>)
[[nodiscard]] WithDeadline<A> with_timeout(Duration timeout, A&& awaitable) {
  return {deadline_after(Clock::now(), timeout), std::forward<A>(awaitable)};
}

/// The awaitable of `with_domain` and `shielded`.
template <Bindable A>
class [[nodiscard]] WithDomain final {
 public:
  WithDomain(CancelDomain* domain, A&& awaitable)
      : domain_(domain), awaitable_(std::move(awaitable)) {}
  WithDomain(WithDomain&&) = default;

  void bind(CancelDomain*) noexcept { awaitable_.bind(domain_); }
  bool await_ready() { return awaitable_.await_ready(); }
  auto await_suspend(std::coroutine_handle<> coroutine) {
    return awaitable_.await_suspend(coroutine);
  }
  decltype(auto) await_resume() { return awaitable_.await_resume(); }

 private:
  CancelDomain* domain_;
  A awaitable_;
};

/// Awaits `awaitable` in `domain`, which outlives it, instead of in the task's own.
template <Bindable A>
  requires(!std::is_lvalue_reference_v<A>)
[[nodiscard]] WithDomain<A> with_domain(CancelDomain& domain, A&& awaitable) {
  return {&domain, std::forward<A>(awaitable)};
}

/// Awaits `awaitable` out of reach of cancellation: for cleaning up. Give it a deadline.
template <Bindable A>
  requires(!std::is_lvalue_reference_v<A>)
[[nodiscard]] WithDomain<A> shielded(A&& awaitable) {
  return {nullptr, std::forward<A>(awaitable)};
}

}  // namespace weir
