// The common part of awaitables that suspend a coroutine until one thing happens or their domain is
// cancelled.
#pragma once

#include <coroutine>
#include <system_error>

#include "weir/core/cancel.h"
#include "weir/core/runnable.h"
#include "weir/core/shard.h"

namespace weir::detail {

/// Derive, call `suspend` in `await_suspend`, and `resume_soon` once when the thing has happened.
/// `on_cancel` must lead to `resume_soon` as well, at once or after the last completion.
class Suspension : public Runnable, public CancelSubscriber {
 public:
  void bind(CancelDomain* domain) noexcept { domain_ = domain; }

 protected:
  Suspension() = default;
  Suspension(Suspension&&) = default;
  ~Suspension() = default;

  /// The reason if the domain is cancelled already: the operation must not start then.
  [[nodiscard]] std::error_code cancelled() const noexcept {
    return domain_ == nullptr ? std::error_code() : domain_->reason();
  }

  /// Precondition: not `cancelled()`.
  void suspend(std::coroutine_handle<> coroutine) noexcept {
    coroutine_ = coroutine;
    subscribe(domain_);
  }

  /// The same for what cancellation does not reach.
  void suspend_shielded(std::coroutine_handle<> coroutine) noexcept { coroutine_ = coroutine; }

  void resume_soon() noexcept {
    unsubscribe();
    Shard::current().make_ready(*this);
  }

  /// Only as the last thing that a `Runnable::run` does.
  void resume_now() noexcept {
    unsubscribe();
    coroutine_.resume();
  }

  void run() noexcept override { coroutine_.resume(); }

 private:
  CancelDomain* domain_ = nullptr;
  std::coroutine_handle<> coroutine_;
};

}  // namespace weir::detail
