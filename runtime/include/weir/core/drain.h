// Hearing of the drain: for tasks that serve something other than a listener.
#pragma once

#include <coroutine>

#include "weir/base/result.h"
#include "weir/core/shard.h"
#include "weir/core/suspension.h"

namespace weir {

/// The awaitable of `drain_begun`.
class [[nodiscard]] DrainBegun final : private detail::DrainObserver, private detail::Suspension {
 public:
  using Suspension::bind;
  bool await_ready() noexcept {
    error_ = cancelled();
    return error_ || Shard::current().draining();
  }
  void await_suspend(std::coroutine_handle<> coroutine) noexcept {
    suspend(coroutine);
    Shard::current().observe_drain(*this);
  }
  Result<void> await_resume() const noexcept {
    if (error_) return std::unexpected(error_);
    return {};
  }

 private:
  void on_drain() noexcept override { resume_soon(); }
  void on_cancel(std::error_code reason) noexcept override {
    error_ = reason;
    Shard::current().ignore_drain(*this);
    resume_soon();
  }

  std::error_code error_;
};

/// Resumes when this shard has begun to drain (SIGTERM, SIGINT or `Runtime::drain`): finish what is
/// under way and return; at the drain timeout main is cancelled.
[[nodiscard]] inline DrainBegun drain_begun() noexcept { return {}; }

}  // namespace weir
