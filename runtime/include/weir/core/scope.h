// Scope: tasks that run side by side and end before the scope does.
//
//     weir::Scope scope;
//     scope.spawn(first());
//     scope.spawn(second());
//     weir::Result<void> ended = co_await scope.join();   // all have ended; the first error
//
// Nothing is detached: a scope that has been spawned into must be joined before it is destroyed.
// Joining is not cancellable itself, but a scope whose joining task is cancelled passes that on to
// its children.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <system_error>
#include <type_traits>
#include <utility>

#include "weir/base/result.h"
#include "weir/core/branch.h"
#include "weir/core/cancel.h"
#include "weir/core/task.h"

namespace weir {

namespace detail {
template <typename T>
inline constexpr bool yields_error = false;
template <typename T>
inline constexpr bool yields_error<Result<T>> = true;
}  // namespace detail

/// Invariant: `running()` is the number of spawned tasks that have not ended.
class Scope final : private detail::BranchOwner, private Runnable {
 public:
  Scope() = default;
  Scope(Scope&&) = delete;
  ~Scope() { WEIR_ASSERT(running_ == 0 /* join the scope before it ends */); }

  /// Starts `task` on this shard, later in this turn or in the next. A task that yields an error
  /// (`Task<Result<T>>`) or throws is what `join` reports; other tasks go on.
  template <typename T>
  void spawn(Task<T> task) {
    ++running_;
    run_child(this, std::move(task)).start(*this, &domain_);
  }

  /// The awaitable that yields when all children have ended: the first error that one of them
  /// yielded (or throws the first exception). More may be spawned while it waits, and after it.
  class [[nodiscard]] Join;
  [[nodiscard]] Join join() noexcept;

  /// Asks every child, and every child still to be spawned, to stop.
  void cancel(std::error_code reason = Error::cancelled) noexcept { domain_.request(reason); }

  [[nodiscard]] std::size_t running() const noexcept { return running_; }
  [[nodiscard]] bool cancelled() const noexcept { return domain_.requested(); }

 private:
  template <typename T>
  static detail::Branch run_child(Scope* scope, Task<T> task) {
    if constexpr (detail::yields_error<T>) {
      T result = co_await std::move(task);
      if (!result && !scope->error_) scope->error_ = result.error();
    } else {
      co_await std::move(task);
    }
  }

  void branch_ended(std::exception_ptr exception) noexcept override {
    if (exception && !exception_) exception_ = std::move(exception);
    if (--running_ == 0 && joiner_ && !queued()) Shard::current().make_ready(*this);
  }

  void run() noexcept override {
    if (running_ != 0) return;  // spawned into again meanwhile
    std::exchange(joiner_, {}).resume();
  }

  CancelDomain domain_;
  std::size_t running_ = 0;
  std::coroutine_handle<> joiner_;
  std::error_code error_;
  std::exception_ptr exception_;
};

class Scope::Join {
 public:
  explicit Join(Scope& scope) noexcept : scope_(scope) {}

  void bind(CancelDomain* domain) noexcept { scope_.domain_.attach(domain); }
  bool await_ready() const noexcept { return scope_.running_ == 0; }
  void await_suspend(std::coroutine_handle<> coroutine) noexcept {
    WEIR_ASSERT(!scope_.joiner_);
    scope_.joiner_ = coroutine;
  }
  Result<void> await_resume() {
    scope_.domain_.attach(nullptr);
    const std::error_code error = std::exchange(scope_.error_, {});
    if (scope_.exception_) std::rethrow_exception(std::exchange(scope_.exception_, nullptr));
    if (error) return std::unexpected(error);
    return {};
  }

 private:
  Scope& scope_;
};

inline Scope::Join Scope::join() noexcept { return Join(*this); }

}  // namespace weir
