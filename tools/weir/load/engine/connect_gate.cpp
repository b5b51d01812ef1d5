#include "tools/weir/load/engine/connect_gate.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "weir/core/sleep.h"

namespace weir::tools::load {
namespace {

/// Connects under way at a time: well below any backlog.
constexpr std::size_t connects_max = 64;

}  // namespace

ConnectGate::ConnectGate(double per_second) noexcept : places_(connects_max) {
  if (per_second > 0) gap_ = Duration(static_cast<std::int64_t>(1e9 / per_second));
}

Task<Result<void>> ConnectGate::enter() {
  const Result<void> place = co_await places_.acquire();
  if (!place || gap_ == Duration()) co_return place;
  // A turn that nobody took is lost: a pause is not followed by a crowd.
  const TimePoint turn = std::max(next_, Clock::now());
  next_ = turn + gap_;
  const Result<void> slept = co_await sleep_until(turn);
  if (!slept) places_.release();
  co_return slept;
}

}  // namespace weir::tools::load
