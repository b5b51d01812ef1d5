#include "tools/weir/load/engine/pacer.h"

#include <sys/prctl.h>

#include <chrono>

#include "weir/core/cancel.h"
#include "weir/core/shard.h"
#include "weir/core/sleep.h"

namespace weir::tools::load {
namespace {

// A timer wakes 20 to 50 us late on this class of machine with the smallest slack
// (research: p50 21, p99 39 to 52); earlier than that polling would only burn time.
constexpr Duration hybrid_margin = std::chrono::microseconds(60);

// What a turn resumes when nobody but the pacer has anything to do.
constexpr std::uint64_t resumed_by_waiting = 1;

}  // namespace

void Pacer::sharpen_timers() noexcept { (void)::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); }

Task<Result<void>> Pacer::wait_until(TimePoint due) {
  TimePoint now = Clock::now();
  if (now >= due) co_return Result<void>();
  if (pace_ == Pace::sleep) co_return co_await sleep_until(due);
  if (pace_ == Pace::hybrid && due - now > hybrid_margin) {
    const Result<void> slept = co_await sleep_until(due - hybrid_margin);
    if (!slept) co_return slept;
    now = Clock::now();
  }
  std::uint64_t resumed = Shard::current().stats().resumed;
  while (now < due) {
    co_await yield();
    const TimePoint later = Clock::now();
    const std::uint64_t resumed_now = Shard::current().stats().resumed;
    if (resumed_now - resumed <= resumed_by_waiting) polled_ += later - now;
    resumed = resumed_now;
    now = later;
  }
  co_return Result<void>();
}

}  // namespace weir::tools::load
