// when_any: several tasks side by side until the first one ends.
//
//     auto first = co_await weir::when_any(read_request(stream), wait_for_news(topic));
//     if (first.index == 0) use(std::get<0>(first.results));
//
// When one ends the others are cancelled, and awaited: every task has ended when this does, and
// every result is there, so that a loser that succeeded at the last moment loses nothing.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <tuple>
#include <utility>

#include "weir/core/when_all.h"

namespace weir {

template <typename... T>
struct WhenAnyResult {
  std::size_t index;                          ///< of the task that ended first
  std::tuple<detail::NonVoid<T>...> results;  ///< of all; losers usually hold `Error::cancelled`
};

namespace detail {

template <typename... T>
class [[nodiscard]] WhenAny final : private BranchJoin {
  static_assert(sizeof...(T) > 0);

 public:
  explicit WhenAny(Task<T>... tasks) : tasks_(std::move(tasks)...) {}

  void bind(CancelDomain* domain) noexcept { domain_.attach(domain); }
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> coroutine) {
    wait_for(sizeof...(T), coroutine);
    start(std::index_sequence_for<T...>());
  }
  WhenAnyResult<T...> await_resume() {
    rethrow_if_failed();
    return {winner_,
            std::apply([](auto&... slot) { return std::tuple<NonVoid<T>...>(std::move(*slot)...); },
                       slots_)};
  }

 private:
  template <std::size_t... I>
  void start(std::index_sequence<I...>) {
    (run_into(std::move(std::get<I>(tasks_)), &std::get<I>(slots_)).start(*this, &domain_), ...);
  }

  void branch_ended(std::exception_ptr exception) noexcept override {
    if (!decided_) {
      decided_ = true;
      winner_ = exception ? 0 : first_filled(std::index_sequence_for<T...>());
      domain_.request(Error::cancelled);
    }
    BranchJoin::branch_ended(std::move(exception));
  }

  template <std::size_t... I>
  std::size_t first_filled(std::index_sequence<I...>) const noexcept {
    std::size_t found = 0;
    static_cast<void>(((std::get<I>(slots_).has_value() ? (found = I, true) : false) || ...));
    return found;
  }

  CancelDomain domain_;
  std::tuple<Task<T>...> tasks_;
  std::tuple<std::optional<NonVoid<T>>...> slots_;
  std::size_t winner_ = 0;
  bool decided_ = false;
};

}  // namespace detail

/// Runs all tasks side by side, cancels the rest when the first ends, and yields when all have
/// ended.
template <typename... T>
[[nodiscard]] detail::WhenAny<T...> when_any(Task<T>... tasks) {
  return detail::WhenAny<T...>(std::move(tasks)...);
}

}  // namespace weir
