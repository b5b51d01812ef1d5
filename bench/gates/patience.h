// How long one end waits for the other before it gives up: bounds a run, measures nothing.
#pragma once

#include <sched.h>

#include <cerrno>
#include <chrono>

#include "weir/base/result.h"

namespace weir::gates {

inline constexpr std::chrono::seconds wait_max{20};

/// Returns once `condition()` is true; ETIMEDOUT after `wait_max`. Gives the core away meanwhile.
template <typename F>
[[nodiscard]] Result<void> wait_until(F condition) {
  const auto end = std::chrono::steady_clock::now() + wait_max;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return fail_errno(ETIMEDOUT);
    ::sched_yield();
  }
  return {};
}

}  // namespace weir::gates
