// `weir serve work`: one worker for all connections, a single-server queue with a known answer:
// M/D/1 or M/M/1 if requests come at random times.
//
//     connection --N bytes--> |            |
//     connection --N bytes--> | WorkQueue  | --oldest first--> worker: serves, then sends it back
//     connection --N bytes--> |            |
//
// While it serves, the worker takes turns of the shard's loop, which looks for input in each of
// them: requests get their place in the queue within microseconds of their arrival, and an answer
// leaves as soon after its due time. A long service sleeps, in that loop too, until
// `spin_before_end` is left, then spins.
//
// Limits of the order: requests of one turn (a microsecond or two while the worker spins) are taken
// in the order in which the kernel made their sockets ready; several requests that one read brings
// together keep together, before those that came between them on other connections; and a process
// that the kernel did not let run sees all that came meanwhile as one turn's.
#pragma once

#include "tools/weir/serve/work_clock.h"
#include "tools/weir/serve/work_flags.h"
#include "tools/weir/serve/work_queue.h"
#include "weir/weir.h"

namespace weir::tools::serve {

/// Longer than a sleep wakes late, and still little CPU for long services.
inline constexpr Duration spin_before_end = std::chrono::microseconds(250);

struct WorkReport {
  WorkClock clock{};
  std::size_t queue_longest = 0;
};

/// Until the listener has been drained and every request answered. On one shard.
/// Listener: TcpListener or UnixListener. The pointers outlive the task.
template <typename Listener>
Task<Result<ServeStats>> serve_work(Listener* listener, WorkOptions options, ServeOptions limits,
                                    WorkReport* report);

}  // namespace weir::tools::serve
