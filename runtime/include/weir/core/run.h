// weir::run: the one call that a program makes.
//
//     weir::Task<weir::Result<void>> serve();
//     int main() { return weir::run({.shards = 4}, serve) ? 0 : 1; }
#pragma once

#include <expected>
#include <optional>
#include <type_traits>
#include <utility>

#include "weir/base/result.h"
#include "weir/core/runtime.h"
#include "weir/core/task.h"
#include "weir/core/when_all.h"

namespace weir {

namespace detail {

/// Starts the shards, runs `main` on shard 0 (the calling thread), ends the shards.
Result<void> run_runtime(const RuntimeOptions& options, Task<void> main);

template <typename T>
struct RunResult {
  using type = Result<T>;
};
template <typename T>
struct RunResult<Result<T>> {
  using type = Result<T>;
};

template <typename F, typename T>
Task<void> run_main_into(F* main, std::optional<NonVoid<T>>* value) {
  if constexpr (std::is_void_v<T>) {
    co_await (*main)();
    value->emplace();
  } else {
    value->emplace(co_await (*main)());
  }
}

}  // namespace detail

/// Runs `main()`, which returns a Task, on shard 0 of a new runtime, and everything that it calls
/// on the others; returns when it and every socket has ended. By default SIGINT and SIGTERM drain:
/// see `RuntimeOptions::signals`.
///
/// Not for threads that are shards already. No buffer of the runtime's may be part of the result. A
/// process that has shards running must not fork() and go on in the child (io_uring and epoll state
/// would be shared with the parent): fork before `run`, or exec at once.
///
/// \returns what main yields; an error of its own if the runtime can't start:
/// `Error::option_invalid`,
///          `Error::backend_unavailable` (`explain_backend` says why), or the system's. Rethrows
///          what main throws.
template <typename F>
auto run(const RuntimeOptions& options, F main) {
  using T = typename std::invoke_result_t<F&>::value_type;
  using R = typename detail::RunResult<T>::type;
  std::optional<detail::NonVoid<T>> value;
  const Result<void> ended =
      detail::run_runtime(options, detail::run_main_into<F, T>(&main, &value));
  if (!ended) return R(std::unexpected(ended.error()));
  if constexpr (std::is_void_v<T>) {
    return R();
  } else {
    return R(std::move(*value));
  }
}

/// What `run` would choose: the same tests, the same answer, without starting anything.
[[nodiscard]] Result<BackendReport> backend_report(Backend wish = Backend::automatic);

/// The same, with the reason if there is no backend: for whoever asked for one that can't be had.
[[nodiscard]] std::expected<BackendReport, BackendRefusal> explain_backend(
    Backend wish = Backend::automatic);

}  // namespace weir
