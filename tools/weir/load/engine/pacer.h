// Pacer: waits until a request is due.
//
//     sleep    the kernel's timer, 20 to 50 us late at its best
//     hybrid   sleeps until 60 us before, then looks at the clock and the sockets in turn
//     spin     looks all the time: a CPU a shard, and the latest by what the host does to it
//
// While it polls, the shard goes on with everything else; the time in which there was nothing else
// counts as idle.
#pragma once

#include "tools/weir/load/cli/options.h"
#include "weir/base/result.h"
#include "weir/core/task.h"
#include "weir/core/timer_queue.h"

namespace weir::tools::load {

class Pacer {
 public:
  explicit Pacer(Pace pace) noexcept : pace_(pace) {}

  /// Resumes at `due` or later, at once if it has passed. The cancellation's reason otherwise.
  [[nodiscard]] Task<Result<void>> wait_until(TimePoint due);

  /// Processor time that went into waiting.
  [[nodiscard]] Duration polled() const noexcept { return polled_; }

 private:
  Pace pace_;
  Duration polled_{};
};

}  // namespace weir::tools::load
