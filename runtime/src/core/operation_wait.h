// Awaiting one one-shot operation of the reactor, with cancellation.
#pragma once

#include <cerrno>
#include <coroutine>
#include <system_error>
#include <utility>

#include "reactor/reactor.h"
#include "weir/base/result.h"
#include "weir/core/cancel.h"
#include "weir/core/shard.h"

namespace weir::detail {

/// Yields the operation's result (>= 0). A cancelled operation is awaited to its last completion;
/// if it succeeded all the same it has succeeded.
template <typename Operation>
class [[nodiscard]] OperationWait final : private Operation, private CancelSubscriber {
 public:
  template <typename... Arguments>
  explicit OperationWait(Arguments&&... arguments) noexcept
      : Operation(std::forward<Arguments>(arguments)...) {}

  [[nodiscard]] Operation& operation() noexcept { return *this; }

  void bind(CancelDomain* domain) noexcept { domain_ = domain; }
  bool await_ready() noexcept {
    if (domain_ != nullptr) reason_ = domain_->reason();
    if (reason_) this->result = -ECANCELED;
    return static_cast<bool>(reason_);
  }
  void await_suspend(std::coroutine_handle<> coroutine) noexcept {
    coroutine_ = coroutine;
    subscribe(domain_);
    Shard::current().reactor().start(operation());
  }
  Result<int> await_resume() const noexcept {
    if (this->result >= 0) return this->result;
    if (this->result == -ECANCELED && reason_) return std::unexpected(reason_);
    return fail_errno(-this->result);
  }

 private:
  void run() noexcept override {
    unsubscribe();
    coroutine_.resume();
  }
  void on_cancel(std::error_code reason) noexcept override {
    reason_ = reason;
    Shard::current().reactor().cancel(operation());
  }

  CancelDomain* domain_ = nullptr;
  std::coroutine_handle<> coroutine_;
  std::error_code reason_;
};

}  // namespace weir::detail
