// Calls between shards.
//
//     std::size_t count = co_await weir::call(runtime.shard(3), [] { return connections_here(); });
//
// The function runs on the other shard's thread; if it returns a Task, that runs there. The call
// owns the function and its result: both live in the caller's frame, so the function's captures
// outlive the task it returns (unlike elsewhere, see the style guide), and the other shard
// allocates only for tasks. Cancelling a call passes the request on to the task over there; the
// call ends when that has.
//
// GCC 12 destroys a closure twice that is made inside a co_await expression and captures something
// non-trivial. Name it first:
//
//     auto greet = [name = std::string("weir")] { ... };
//     co_await weir::call(shard, std::move(greet));
#pragma once

#include <coroutine>
#include <exception>
#include <expected>
#include <optional>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>

#include "weir/base/result.h"
#include "weir/core/branch.h"
#include "weir/core/cancel.h"
#include "weir/core/mailbox.h"
#include "weir/core/suspension.h"
#include "weir/core/task.h"
#include "weir/core/when_all.h"

namespace weir {

namespace detail {

template <typename R>
struct TaskValue {
  using type = R;
  static constexpr bool is_task = false;
};
template <typename T>
struct TaskValue<Task<T>> {
  using type = T;
  static constexpr bool is_task = true;
};

template <typename T>
struct IsResult : std::false_type {};
template <typename T>
struct IsResult<Result<T>> : std::true_type {};

/// The parts of a call that do not depend on its function. Two pieces of mail: the request, which
/// comes back as the answer, and the cancellation, which comes back as its acknowledgement.
class CallBase : private Mail, private BranchOwner, public Suspension {
 public:
  bool await_ready() noexcept {
    // A task over there then sees that it was cancelled before it began.
    if (const std::error_code reason = cancelled()) remote_domain_.request(reason);
    return false;
  }
  void await_suspend(std::coroutine_handle<> coroutine) noexcept {
    if (remote_domain_.requested()) {
      suspend_shielded(coroutine);
    } else {
      suspend(coroutine);
    }
    home_.mailbox().send_request(target_, *this);
    // In this order: the domain of a request that has left is the other shard's.
    if (Mailbox::keeps(*this) && remote_domain_.requested()) end_unsent(remote_domain_.reason());
  }

 protected:
  explicit CallBase(Shard& target) noexcept : home_(Shard::current()), target_(target) {}
  CallBase(CallBase&& other) noexcept
      : Mail(),
        BranchOwner(),
        Suspension(static_cast<Suspension&&>(other)),
        home_(other.home_),
        target_(other.target_) {}
  ~CallBase() = default;

  /// On the target: calls the function. True if it has ended; else `branch_ended` follows.
  virtual bool invoke() noexcept = 0;
  /// Makes the reason the result, if the result is one that can say it.
  virtual bool refuse(std::error_code reason) noexcept = 0;

  void start_branch(Branch branch) noexcept { std::move(branch).start(*this, &remote_domain_); }
  void fail(std::exception_ptr exception) noexcept { exception_ = std::move(exception); }
  void rethrow_if_failed() const {
    if (exception_) std::rethrow_exception(exception_);
  }

 private:
  class Cancellation final : public Mail {
   public:
    explicit Cancellation(CallBase& call) noexcept : call_(call) {}
    void deliver() noexcept override { call_.deliver_cancellation(*this); }

   private:
    CallBase& call_;
  };

  void deliver() noexcept override {
    if (&Shard::current() == &home_ && invoked_) {
      answered_ = true;
      resume_if_complete();
      return;
    }
    invoked_ = true;
    if (invoke()) answer();
  }

  void answer() noexcept {
    finished_ = true;
    target_.mailbox().send(home_, *this);
  }

  void branch_ended(std::exception_ptr exception) noexcept override {
    if (exception) exception_ = std::move(exception);
    answer();
  }

  void on_cancel(std::error_code reason) noexcept override {
    if (Mailbox::keeps(*this)) {
      remote_domain_.request(reason);
      end_unsent(reason);
      return;
    }
    cancel_reason_ = reason;
    cancellation_sent_ = true;
    home_.mailbox().send(target_, cancellation_);
  }

  /// Nobody over there knows of it yet. One that can't say that it was not made waits on.
  void end_unsent(std::error_code reason) noexcept {
    if (!refuse(reason)) return;
    home_.mailbox().withdraw_request(target_, *this);
    resume_soon();
  }

  void deliver_cancellation(Mail& mail) noexcept {
    if (&Shard::current() == &home_ && acknowledged_on_target_) {
      cancellation_sent_ = false;
      resume_if_complete();
      return;
    }
    acknowledged_on_target_ = true;
    if (!finished_) remote_domain_.request(cancel_reason_);
    target_.mailbox().send(home_, mail);
  }

  /// The credit goes back only now, so that of one call at most two pieces of mail are in a ring.
  void resume_if_complete() noexcept {
    if (!answered_ || cancellation_sent_) return;
    home_.mailbox().request_completed(target_);
    resume_soon();
  }

  Shard& home_;
  Shard& target_;
  Cancellation cancellation_{*this};
  CancelDomain remote_domain_;  ///< the target's from the moment the request is sent
  std::exception_ptr exception_;
  std::error_code cancel_reason_;
  bool invoked_ = false;                 ///< target's, then the caller's with the answer
  bool finished_ = false;                ///< target's
  bool acknowledged_on_target_ = false;  ///< target's, then the caller's with the acknowledgement
  bool answered_ = false;                ///< caller's
  bool cancellation_sent_ = false;       ///< caller's
};

template <typename F>
class [[nodiscard]] Call final : public CallBase {
  using Returned = std::invoke_result_t<F&>;
  using Value = typename TaskValue<Returned>::type;

 public:
  Call(Shard& target, F function) : CallBase(target), function_(std::move(function)) {}

  Value await_resume() {
    rethrow_if_failed();
    if constexpr (!std::is_void_v<Value>) return std::move(*value_);
  }

 private:
  bool invoke() noexcept override {
    try {
      if constexpr (TaskValue<Returned>::is_task) {
        start_branch(run_into(function_(), &value_));
        return false;
      } else if constexpr (std::is_void_v<Value>) {
        function_();
      } else {
        value_.emplace(function_());
      }
    } catch (...) {
      fail(std::current_exception());
    }
    return true;
  }

  bool refuse(std::error_code reason) noexcept override {
    if constexpr (IsResult<Value>::value) {
      value_.emplace(std::unexpected(reason));
      return true;
    } else {
      return false;
    }
  }

  F function_;
  std::optional<NonVoid<Value>> value_;
};

}  // namespace detail

/// Calls `function` on `target` (which may be this shard) and yields what it, or its task, yields.
/// A plain function must not block. Exceptions come back. At most `mail_credits` calls from one
/// shard to another are under way at once: further ones wait here, in order. One that is cancelled
/// while it waits ends at once, without calling, if it yields a Result; any other is made.
template <typename F>
[[nodiscard]] detail::Call<F> call(Shard& target, F function) {
  return detail::Call<F>(target, std::move(function));
}

}  // namespace weir
