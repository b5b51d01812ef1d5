// One run of a started program: both pipes read while it runs, limits on time and output, and
// whatever happens nothing of it is left when the run has ended.
//
//     child --+-- stdout --> output |
//             +-- stderr --> errors |  until the child has ended
//             +-- exit              |
//                  \-- its group killed, the rest of the pipes read, the child reaped
//
// A command is over when its process has ended. What that has left running in its group is killed
// then: a background job neither outlives its command nor keeps it from being answered.
#pragma once

#include <cstddef>
#include <system_error>

#include "tools/weir/exec/child_process.h"
#include "weir/base/chain.h"
#include "weir/base/result.h"
#include "weir/core/task.h"
#include "weir/core/timer_queue.h"

namespace weir::tools::exec {

struct RunLimits {
  Duration time;             ///< from the start; then the group is killed
  std::size_t output_bytes;  ///< both pipes together; at one byte more the group is killed
};

struct CommandResult {
  ChildEnd end;
  Chain output;  ///< of stdout
  Chain errors;  ///< of stderr
  bool timed_out = false;
  bool truncated = false;  ///< there was more output than allowed
  /// Why the run could not be followed to its end, if so: the group was killed, and what the child
  /// wrote may be missing. The system's, such as ENOMEM of a poll.
  std::error_code failure{};
};

/// Follows `child` to its end. Cancelling it kills the group, and yields when the child has been
/// reaped. Errors: the cancellation's.
[[nodiscard]] Task<Result<CommandResult>> run_command(ChildProcess child, RunLimits limits);

}  // namespace weir::tools::exec
