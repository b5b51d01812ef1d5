#include "tools/weir/load/engine/pacer.h"

#include <algorithm>
#include <chrono>

#include "weir/core/cancel.h"
#include "weir/core/shard.h"
#include "weir/core/sleep.h"

namespace weir::tools::load {
namespace {

// With the smallest slack a timer wakes a thread 20 us late, one in a hundred 40 to 50 us: measured
// over 10 000 sends a second on a virtual machine. Waking earlier would only burn time.
constexpr Duration hybrid_margin = std::chrono::microseconds(60);

// A turn that polls takes a few microseconds. What is longer was somebody else's on this CPU, and
// no time of ours.
constexpr Duration poll_max = std::chrono::microseconds(20);

// What a turn resumes when nobody but the pacer has anything to do.
constexpr std::uint64_t resumed_by_waiting = 1;

}  // namespace

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
    // A yield is no point of cancellation, a wait for what has passed is: it costs no turn.
    const Result<void> alive = co_await sleep_until(TimePoint());
    if (!alive) co_return alive;
    co_await yield();
    const TimePoint later = Clock::now();
    const std::uint64_t resumed_now = Shard::current().stats().resumed;
    if (resumed_now - resumed <= resumed_by_waiting) polled_ += std::min(later - now, poll_max);
    resumed = resumed_now;
    now = later;
  }
  co_return Result<void>();
}

}  // namespace weir::tools::load
