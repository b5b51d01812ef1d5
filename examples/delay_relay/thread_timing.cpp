#include "thread_timing.h"

#include <sched.h>
#include <sys/prctl.h>

#include <string>

namespace delay_relay {

OrProblem<void> make_punctual(std::optional<int> realtime_priority) {
  if (::prctl(PR_SET_TIMERSLACK, 1UL) != 0) return failed("cannot set the timer slack");
  if (!realtime_priority) return {};
  sched_param parameters{};
  parameters.sched_priority = *realtime_priority;
  if (::sched_setscheduler(0, SCHED_FIFO, &parameters) == 0) return {};
  return failed("cannot take the real-time priority " + std::to_string(*realtime_priority));
}

}  // namespace delay_relay
