// when_all: several tasks side by side, all results.
//
//     auto [user, orders] = co_await weir::when_all(load_user(id), load_orders(id));
//
// Every task runs to its end, whatever the others yield; cancelling the awaiter cancels all of
// them. If tasks throw, the first exception is rethrown after all have ended.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "weir/core/branch.h"
#include "weir/core/cancel.h"
#include "weir/core/task.h"

namespace weir {

namespace detail {

/// void has no value to put in a tuple: std::monostate stands for it.
template <typename T>
using NonVoid = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <typename T>
Branch run_into(Task<T> task, std::optional<NonVoid<T>>* slot) {
  if constexpr (std::is_void_v<T>) {
    co_await std::move(task);
    slot->emplace();
  } else {
    slot->emplace(co_await std::move(task));
  }
}

/// Counts branches down and resumes the awaiter after the last.
class BranchJoin : public BranchOwner, private Runnable {
 public:
  [[nodiscard]] bool pending() const noexcept { return count_ != 0; }

 protected:
  BranchJoin() = default;
  BranchJoin(BranchJoin&&) = default;  // only while no branch runs
  ~BranchJoin() = default;

  void wait_for(std::size_t count, std::coroutine_handle<> coroutine) noexcept {
    count_ = count;
    coroutine_ = coroutine;
  }
  void rethrow_if_failed() {
    if (exception_) std::rethrow_exception(exception_);
  }
  void branch_ended(std::exception_ptr exception) noexcept override {
    if (exception && !exception_) exception_ = std::move(exception);
    if (--count_ == 0) Shard::current().make_ready(*this);
  }

 private:
  void run() noexcept override { coroutine_.resume(); }

  std::size_t count_ = 0;
  std::coroutine_handle<> coroutine_;
  std::exception_ptr exception_;
};

template <typename... T>
class [[nodiscard]] WhenAll final : private BranchJoin {
 public:
  explicit WhenAll(Task<T>... tasks) : tasks_(std::move(tasks)...) {}

  void bind(CancelDomain* domain) noexcept { domain_ = domain; }
  bool await_ready() const noexcept { return sizeof...(T) == 0; }
  void await_suspend(std::coroutine_handle<> coroutine) {
    wait_for(sizeof...(T), coroutine);
    start(std::index_sequence_for<T...>());
  }
  std::tuple<NonVoid<T>...> await_resume() {
    rethrow_if_failed();
    return std::apply([](auto&... slot) { return std::tuple<NonVoid<T>...>(std::move(*slot)...); },
                      slots_);
  }

 private:
  template <std::size_t... I>
  void start(std::index_sequence<I...>) {
    (run_into(std::move(std::get<I>(tasks_)), &std::get<I>(slots_)).start(*this, domain_), ...);
  }

  CancelDomain* domain_ = nullptr;
  std::tuple<Task<T>...> tasks_;
  std::tuple<std::optional<NonVoid<T>>...> slots_;
};

template <typename T>
class [[nodiscard]] WhenAllOf final : private BranchJoin {
 public:
  explicit WhenAllOf(std::vector<Task<T>> tasks)
      : tasks_(std::move(tasks)), slots_(tasks_.size()) {}

  void bind(CancelDomain* domain) noexcept { domain_ = domain; }
  bool await_ready() const noexcept { return tasks_.empty(); }
  void await_suspend(std::coroutine_handle<> coroutine) {
    wait_for(tasks_.size(), coroutine);
    for (std::size_t index = 0; index < tasks_.size(); ++index) {
      run_into(std::move(tasks_[index]), &slots_[index]).start(*this, domain_);
    }
  }
  std::vector<NonVoid<T>> await_resume() {
    rethrow_if_failed();
    std::vector<NonVoid<T>> results;
    results.reserve(slots_.size());
    for (auto& slot : slots_) results.push_back(std::move(*slot));
    return results;
  }

 private:
  CancelDomain* domain_ = nullptr;
  std::vector<Task<T>> tasks_;
  std::vector<std::optional<NonVoid<T>>> slots_;
};

}  // namespace detail

/// Runs all tasks side by side. \returns a tuple of their results in order; std::monostate for
/// void.
template <typename... T>
[[nodiscard]] detail::WhenAll<T...> when_all(Task<T>... tasks) {
  return detail::WhenAll<T...>(std::move(tasks)...);
}

/// The same for any number of tasks of one type. \returns a vector of their results in order.
template <typename T>
[[nodiscard]] detail::WhenAllOf<T> when_all(std::vector<Task<T>> tasks) {
  return detail::WhenAllOf<T>(std::move(tasks));
}

}  // namespace weir
