#include <sched.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "tools/weir/bench/doctor/examine_noise.h"
#include "tools/weir/common/timer_slack.h"

namespace weir::tools::bench {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

constexpr std::chrono::milliseconds watch_a_cpu{250};
constexpr int cpus_max = 4;  // more would take long and say the same
constexpr std::chrono::microseconds nap{100};
constexpr std::size_t naps = 1000;

/// Reads the clock without a pause: where it jumps, something else ran.
void watch(NoiseSample& sample) {
  const auto start = steady_clock::now();
  auto before = start;
  while (before - start < watch_a_cpu) {
    const auto now = steady_clock::now();
    const nanoseconds gap = now - before;
    if (gap >= gap_min) {
      ++sample.gaps;
      sample.stolen += gap;
      sample.gap_max = std::max(sample.gap_max, gap);
    }
    before = now;
  }
  sample.watched += before - start;
}

void sleep_and_wake(NoiseSample& sample) {
  std::vector<nanoseconds> late(naps);
  for (nanoseconds& one : late) {
    const auto due = steady_clock::now() + nap;
    std::this_thread::sleep_until(due);
    one = steady_clock::now() - due;
  }
  std::ranges::sort(late);
  sample.wake_p50 = late[naps / 2];
  sample.wake_p99 = late[naps * 99 / 100];
}

}  // namespace

NoiseSample measure_noise() {
  NoiseSample sample;
  // In a thread of its own: where it is pinned, and how exactly it sleeps, end with it.
  std::thread([&sample] {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    (void)::sched_getaffinity(0, sizeof allowed, &allowed);
    int watched = 0;
    for (int cpu = 0; cpu < CPU_SETSIZE && watched < cpus_max; ++cpu) {
      if (!CPU_ISSET(static_cast<unsigned>(cpu), &allowed)) continue;
      cpu_set_t only;
      CPU_ZERO(&only);
      CPU_SET(static_cast<unsigned>(cpu), &only);
      if (::sched_setaffinity(0, sizeof only, &only) != 0) continue;
      watch(sample);
      ++watched;
    }
    (void)::sched_setaffinity(0, sizeof allowed, &allowed);
    sleep_and_wake(sample);
  }).join();
  return sample;
}

}  // namespace weir::tools::bench
