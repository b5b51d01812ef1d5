#include "tools/weir/bench/nagle/pacer.h"

#include <thread>

#include "tools/weir/bench/nagle/thread_cpu.h"

namespace weir::tools::bench {
namespace {

/// A sleeping thread wakes up some tens of microseconds late: the last of them it spins.
constexpr std::chrono::microseconds spin_before{80};

}  // namespace

void Pacer::wait_until(std::int64_t due) {
  const std::int64_t now = steady_now();
  if (now >= due) return;
  const std::int64_t sleep_until = due - std::chrono::nanoseconds(spin_before).count();
  if (now < sleep_until) {
    std::this_thread::sleep_for(std::chrono::nanoseconds(sleep_until - now));
    ++sleeps_;
  }
  // Of the processor, not of the wall: another thread may run in between.
  const ThreadCpu spun;
  while (steady_now() < due) {
  }
  spun_cpu_ += spun.used();
}

}  // namespace weir::tools::bench
