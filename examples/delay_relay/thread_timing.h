// What a thread can ask of the kernel so that it wakes on time.
#pragma once

#include <optional>

#include "problem.h"

namespace delay_relay {

/// For the calling thread: no timer slack, by which the kernel puts wake-ups off for up to 50 us to
/// take several in one; and the real-time priority (SCHED_FIFO, 1 to 99), if one is given. That
/// needs CAP_SYS_NICE.
[[nodiscard]] OrProblem<void> make_punctual(std::optional<int> realtime_priority);

}  // namespace delay_relay
