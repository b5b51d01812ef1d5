#include "thread_timing.h"

#include <sched.h>
#include <sys/prctl.h>
#include <time.h>

#include <chrono>

namespace delay_relay {

OrProblem<void> end_timer_slack() {
  if (::prctl(PR_SET_TIMERSLACK, 1UL) == 0) return {};
  return failed("cannot set the timer slack");
}

bool take_realtime_priority(int priority) noexcept {
  sched_param parameters{};
  parameters.sched_priority = priority;
  return ::sched_setscheduler(0, SCHED_FIFO, &parameters) == 0;
}

weir::Duration cpu_time() noexcept {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

}  // namespace delay_relay
