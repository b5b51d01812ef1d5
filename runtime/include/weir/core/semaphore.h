// Semaphore: a number of permits; whoever finds too few waits its turn.
//
//     weir::Semaphore slots(8);
//     weir::Result<weir::Semaphore::Permit> slot = co_await slots.acquire_permit();
//     if (!slot) co_return;                          // cancelled
//     co_await work();                               // at most 8 at once; then it goes back
//
// Fair: permits are given in the order of asking, and a large request at the front is not overtaken
// by smaller ones behind it. Shard-local.
#pragma once

#include <coroutine>
#include <cstddef>
#include <limits>
#include <system_error>
#include <utility>

#include "weir/base/assert.h"
#include "weir/base/result.h"
#include "weir/core/wait_queue.h"

namespace weir {

/// Nobody waits when it is destroyed.
/// Invariant: the first that waits asks for more than is available.
class Semaphore {
 public:
  class [[nodiscard]] Acquire;
  class [[nodiscard]] AcquirePermit;
  class [[nodiscard]] Permit;

  explicit Semaphore(std::size_t permits) noexcept : available_(permits) {}
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;
  ~Semaphore();

  /// Permits that nobody holds. May be above 0 while a larger request waits.
  [[nodiscard]] std::size_t available() const noexcept { return available_; }

  /// Yields nothing once `count` permits are the caller's, who releases them; or the reason of the
  /// cancellation, and then no permit is taken. What was given is given: a request for cancellation
  /// that comes after that changes nothing. More than there will ever be: waits until cancelled.
  [[nodiscard]] Acquire acquire(std::size_t count = 1) noexcept;

  /// The same; the permits go back when the `Permit` is destroyed, which is before the semaphore
  /// is.
  [[nodiscard]] AcquirePermit acquire_permit(std::size_t count = 1) noexcept;

  /// True if it took `count` permits. False also when there are enough but others wait for them.
  [[nodiscard]] bool try_acquire(std::size_t count = 1) noexcept;

  /// Gives permits back, or adds new ones. Those it serves resume later in this turn or in the
  /// next.
  void release(std::size_t count = 1) noexcept;

 private:
  void serve() noexcept;

  std::size_t available_;
  detail::WaitQueue<Acquire> waiters_;
};

/// The awaitable of `acquire`.
class Semaphore::Acquire final : private detail::Waiter {
 public:
  Acquire(Semaphore& semaphore, std::size_t count) noexcept
      : semaphore_(semaphore), count_(count) {}

  using Waiter::bind;
  bool await_ready() noexcept { return refused() || semaphore_.try_acquire(count_); }
  void await_suspend(std::coroutine_handle<> coroutine) noexcept {
    suspend(coroutine);
    semaphore_.waiters_.push_back(*this);
  }
  Result<void> await_resume() const noexcept { return outcome(); }

 private:
  friend class Semaphore;
  friend class AcquirePermit;
  friend class detail::WaitQueue<Acquire>;
  void on_cancel(std::error_code reason) noexcept override {
    give_up(reason);
    semaphore_.serve();  // it may have stood before smaller ones
  }

  Semaphore& semaphore_;
  std::size_t count_;
};

/// Permits that go back by themselves. Move-only.
class Semaphore::Permit {
 public:
  Permit(Semaphore& semaphore, std::size_t count) noexcept
      : semaphore_(&semaphore), count_(count) {}
  Permit(Permit&& other) noexcept
      : semaphore_(std::exchange(other.semaphore_, nullptr)), count_(other.count_) {}
  Permit& operator=(Permit&& other) noexcept {
    Permit old(std::move(*this));
    semaphore_ = std::exchange(other.semaphore_, nullptr);
    count_ = other.count_;
    return *this;
  }
  ~Permit() { release(); }

  /// Gives the permits back now. No effect the second time, or after a move.
  void release() noexcept {
    if (semaphore_ != nullptr) std::exchange(semaphore_, nullptr)->release(count_);
  }

 private:
  Semaphore* semaphore_;
  std::size_t count_;
};

/// The awaitable of `acquire_permit`.
class Semaphore::AcquirePermit final {
 public:
  AcquirePermit(Semaphore& semaphore, std::size_t count) noexcept : acquire_(semaphore, count) {}

  void bind(CancelDomain* domain) noexcept { acquire_.bind(domain); }
  bool await_ready() noexcept { return acquire_.await_ready(); }
  void await_suspend(std::coroutine_handle<> coroutine) noexcept {
    acquire_.await_suspend(coroutine);
  }
  Result<Permit> await_resume() const noexcept {
    if (const Result<void> taken = acquire_.await_resume(); !taken) return fail(taken.error());
    return Permit(acquire_.semaphore_, acquire_.count_);
  }

 private:
  Acquire acquire_;
};

inline Semaphore::~Semaphore() {
  WEIR_ASSERT(waiters_.empty() /* somebody waits for its permits */);
}

inline Semaphore::Acquire Semaphore::acquire(std::size_t count) noexcept { return {*this, count}; }

inline Semaphore::AcquirePermit Semaphore::acquire_permit(std::size_t count) noexcept {
  return {*this, count};
}

inline bool Semaphore::try_acquire(std::size_t count) noexcept {
  if (!waiters_.empty() || available_ < count) return false;
  available_ -= count;
  return true;
}

inline void Semaphore::release(std::size_t count) noexcept {
  WEIR_ASSERT(count <= std::numeric_limits<std::size_t>::max() - available_);
  available_ += count;
  serve();
}

inline void Semaphore::serve() noexcept {
  while (!waiters_.empty() && waiters_.front().count_ <= available_) {
    Acquire& first = waiters_.pop_front();
    available_ -= first.count_;
    first.resume_soon();
  }
}

}  // namespace weir
