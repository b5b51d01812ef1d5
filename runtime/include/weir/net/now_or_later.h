// NowOrLater: an awaitable whose result is usually there at once, and comes from a task if not.
//
//     await_ready()  sets `now_`, or begins a task with `go_on_with`
//
// What is there at once costs no coroutine frame.
#pragma once

#include <coroutine>
#include <optional>
#include <utility>

#include "weir/base/result.h"
#include "weir/core/cancel.h"
#include "weir/core/task.h"

namespace weir::detail {

/// What is usually done at once, and by a task if not.
template <typename T>
class [[nodiscard]] NowOrLater {
 public:
  NowOrLater(NowOrLater&&) = default;

  void bind(CancelDomain* domain) noexcept { domain_ = domain; }
  bool await_suspend(std::coroutine_handle<> coroutine) noexcept {
    return later_.await_suspend(coroutine);
  }
  T await_resume() { return now_ ? *std::move(now_) : later_.await_resume(); }

 protected:
  NowOrLater() noexcept = default;
  ~NowOrLater() = default;

  /// True, with the reason as result, if it must not begin.
  [[nodiscard]] bool is_cancelled() noexcept {
    if (domain_ == nullptr || !domain_->requested()) return false;
    now_.emplace(fail(domain_->reason()));
    return true;
  }
  [[nodiscard]] CancelDomain* domain() const noexcept { return domain_; }
  void go_on_with(Task<T> later) noexcept {
    later_ = std::move(later);
    later_.bind(domain_);
  }

  std::optional<T> now_;

 private:
  Task<T> later_;
  CancelDomain* domain_ = nullptr;
};

}  // namespace weir::detail
