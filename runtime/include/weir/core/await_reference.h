// What `await_transform` hands to the compiler: a trivial proxy for an awaitable that stays in
// place.
//
// GCC 12 copies what an `await_transform` returns by reference into a variable of its own, so
// awaitables that must not move are passed through by pointer. The awaitable itself is the operand
// of the `co_await` and lives until the end of the full expression.
#pragma once

#include <coroutine>
#include <type_traits>

#include "weir/core/cancel.h"

namespace weir {

/// An awaitable that takes part in cancellation: told its domain (null: none) before `await_ready`.
template <typename A>
concept Bindable = requires(A& awaitable, CancelDomain* domain) { awaitable.bind(domain); };

namespace detail {

template <typename A>
class AwaitReference {
 public:
  explicit AwaitReference(A& awaitable) noexcept : awaitable_(&awaitable) {}
  bool await_ready() { return awaitable_->await_ready(); }
  template <typename Promise>
  auto await_suspend(std::coroutine_handle<Promise> coroutine) {
    return awaitable_->await_suspend(coroutine);
  }
  decltype(auto) await_resume() { return awaitable_->await_resume(); }

 private:
  A* awaitable_;
};

/// Binds `awaitable` to `domain` if it takes part in cancellation.
template <typename A>
[[nodiscard]] AwaitReference<std::remove_reference_t<A>> await_in(CancelDomain* domain,
                                                                  A&& awaitable) noexcept {
  if constexpr (Bindable<std::remove_reference_t<A>>) awaitable.bind(domain);
  return AwaitReference<std::remove_reference_t<A>>(awaitable);
}

}  // namespace detail
}  // namespace weir
