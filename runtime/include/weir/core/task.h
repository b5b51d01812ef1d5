// Task<T>: a lazy coroutine, the unit of service code.
//
// A task starts when it is awaited and is awaited once. It runs on the shard that awaits it, in the
// cancellation domain of whoever awaits it: both travel by themselves, without parameters.
//
// Stack: awaiting a task runs it as a nested call until its first suspension, so ten million awaits
// of tasks that finish at once use the stack of one, in every build (a design note is in
// docs/design/0002-task-resumption.md). A finished task resumes its awaiter by symmetric transfer.
// Frames come from `allocate_frame` (weir/base/allocate.h).
//
// An exception that leaves a task surfaces where it is awaited or its scope is joined. Nothing in
// the runtime throws.
#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <type_traits>
#include <utility>

#include "weir/base/allocate.h"
#include "weir/base/assert.h"
#include "weir/core/await_reference.h"
#include "weir/core/cancel.h"
#include "weir/core/runnable.h"
#include "weir/core/shard.h"

namespace weir {

template <typename T>
class Task;

namespace detail {

class TaskPromiseBase {
 public:
  /// Where the task is between its start and its end.
  enum class Phase : std::uint8_t {
    created,
    starting,   ///< inside `await_suspend` of its awaiter
    suspended,  ///< its awaiter waits for it
    alone,      ///< nobody awaits it
    finished,
  };

  struct FinalAwaiter {
    bool await_ready() const noexcept { return false; }
    template <typename Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) const noexcept {
      return self.promise().finish();
    }
    void await_resume() const noexcept {}
  };

  static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
  static void operator delete(void* frame, std::size_t bytes) noexcept {
    deallocate_frame(frame, bytes);
  }

  std::suspend_always initial_suspend() const noexcept { return {}; }
  FinalAwaiter final_suspend() const noexcept { return {}; }

  template <typename A>
  auto await_transform(A&& awaitable) const noexcept {
    static_assert(
        !std::is_lvalue_reference_v<A> || !requires {
          typename std::remove_cvref_t<A>::promise_type;
        }, "a Task is awaited once: co_await std::move(task)");
    return await_in(domain_, awaitable);
  }

  void bind(CancelDomain* domain) noexcept { domain_ = domain; }
  [[nodiscard]] CancelDomain* domain() const noexcept { return domain_; }

  [[nodiscard]] bool in_progress() const noexcept {
    return phase_ != Phase::created && phase_ != Phase::finished;
  }
  [[nodiscard]] bool finished() const noexcept { return phase_ == Phase::finished; }

  /// Runs the task until it suspends or ends. True if it suspended: `awaiting` is resumed at its
  /// end.
  bool start(std::coroutine_handle<> self, std::coroutine_handle<> awaiting) noexcept {
    WEIR_ASSERT(phase_ == Phase::created);
    continuation_ = awaiting;
    phase_ = Phase::starting;
    self.resume();
    if (phase_ == Phase::finished) return false;
    phase_ = Phase::suspended;
    return true;
  }

  /// Runs the task until it suspends or ends. `at_end` is made ready when it has ended.
  void start_alone(std::coroutine_handle<> self, Runnable& at_end) noexcept {
    WEIR_ASSERT(phase_ == Phase::created);
    at_end_ = &at_end;
    phase_ = Phase::alone;
    self.resume();
  }

 private:
  std::coroutine_handle<> finish() noexcept {
    const Phase before = std::exchange(phase_, Phase::finished);
    if (before == Phase::suspended) return continuation_;
    if (before == Phase::alone) Shard::current().make_ready(*at_end_);
    return std::noop_coroutine();
  }

  union {
    std::coroutine_handle<> continuation_{};  ///< while starting or suspended
    Runnable* at_end_;                        ///< while alone
  };
  CancelDomain* domain_ = nullptr;
  Phase phase_ = Phase::created;

 protected:
  /// What the task ended with: it needs room for one of the two only.
  enum class Outcome : std::uint8_t { none, value, exception };
  Outcome outcome_ = Outcome::none;
};

template <typename T>
class TaskPromise final : public TaskPromiseBase {
 public:
  TaskPromise() noexcept {}
  TaskPromise(const TaskPromise&) = delete;
  TaskPromise& operator=(const TaskPromise&) = delete;
  ~TaskPromise() { drop_outcome(); }

  Task<T> get_return_object() noexcept;

  void unhandled_exception() noexcept {
    drop_outcome();
    ::new (&exception_) std::exception_ptr(std::current_exception());
    outcome_ = Outcome::exception;
  }

  /// The default lets `co_return {}` and `co_return {a, b}` say what `return` could.
  template <typename U = T>
    requires std::is_convertible_v<U&&, T>
  void return_value(U&& value) {
    // The cast: `co_return 0` in a Task<std::size_t> is as good as `return 0`.
    ::new (&value_) T(static_cast<T>(std::forward<U>(value)));
    outcome_ = Outcome::value;
  }

  T take() {
    if (outcome_ == Outcome::exception) std::rethrow_exception(exception_);
    return std::move(value_);
  }

 private:
  void drop_outcome() noexcept {
    if (outcome_ == Outcome::value) value_.~T();
    if (outcome_ == Outcome::exception) exception_.~exception_ptr();
    outcome_ = Outcome::none;
  }

  union {
    T value_;
    std::exception_ptr exception_;
  };
};

template <>
class TaskPromise<void> final : public TaskPromiseBase {
 public:
  Task<void> get_return_object() noexcept;
  void unhandled_exception() noexcept { exception_ = std::current_exception(); }
  void return_void() const noexcept {}
  void take() const {
    if (exception_) std::rethrow_exception(exception_);
  }

 private:
  std::exception_ptr exception_;
};

}  // namespace detail

/// A lazy coroutine that yields a `T`. Move-only; destroying one that was never awaited runs
/// nothing. Precondition of the destructor: the task has not started, or has ended.
template <typename T = void>
class [[nodiscard("a Task does nothing until it is awaited or spawned")]] Task {
 public:
  using promise_type = detail::TaskPromise<T>;
  using value_type = T;

  Task() noexcept = default;
  Task(Task&& other) noexcept : coroutine_(std::exchange(other.coroutine_, {})) {}
  Task& operator=(Task&& other) noexcept {
    Task old(std::move(*this));
    coroutine_ = std::exchange(other.coroutine_, {});
    return *this;
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() {
    if (!coroutine_) return;
    WEIR_ASSERT(!coroutine_.promise().in_progress());
    coroutine_.destroy();
  }

  [[nodiscard]] bool valid() const noexcept { return static_cast<bool>(coroutine_); }

  /// \name The awaitable: `co_await std::move(task)` or `co_await function()`.
  /// @{
  void bind(CancelDomain* domain) noexcept { promise().bind(domain); }
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> awaiting) noexcept {
    return promise().start(coroutine_, awaiting);
  }
  T await_resume() { return promise().take(); }
  /// @}

  /// \name For what the runtime itself is built of: a task that nobody awaits.
  /// @{
  /// Runs it in `domain` until it suspends or ends, and makes `at_end` ready when it has ended:
  /// `await_resume` yields the result then. `at_end` may also have been queued inside this call.
  void start_alone(Runnable& at_end, CancelDomain* domain) noexcept {
    bind(domain);
    promise().start_alone(coroutine_, at_end);
  }
  [[nodiscard]] bool ended() const noexcept { return promise().finished(); }
  /// @}

 private:
  friend promise_type;
  explicit Task(std::coroutine_handle<promise_type> coroutine) noexcept : coroutine_(coroutine) {}

  promise_type& promise() const noexcept {
    WEIR_ASSERT(coroutine_);
    return coroutine_.promise();
  }

  std::coroutine_handle<promise_type> coroutine_;
};

namespace detail {
template <typename T>
Task<T> TaskPromise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}
}  // namespace detail

}  // namespace weir
