// What a thread can ask of the kernel so that it wakes on time.
#pragma once

#include "problem.h"

namespace delay_relay {

/// No timer slack for the calling thread: by that the kernel puts wake-ups off, up to 50 us, to
/// take several in one.
[[nodiscard]] OrProblem<void> end_timer_slack();

/// \param priority  of SCHED_FIFO, 1 to 99
/// \returns  whether the calling thread has it now: that needs CAP_SYS_NICE
[[nodiscard]] bool take_realtime_priority(int priority) noexcept;

/// What the calling thread has used of a CPU so far.
[[nodiscard]] weir::Duration cpu_time() noexcept;

}  // namespace delay_relay
