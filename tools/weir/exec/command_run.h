// One run of a program: both pipes read while it runs, limits on time and output, and whatever
// happens nothing of it is left when the run has ended.
//
//     start --+-- stdout --> output |
//             +-- stderr --> errors |  until the child has ended
//             +-- exit              |
//                  \-- its group killed, the rest of the pipes read, the child reaped
//
// A command is over when its process has ended. What that has left running in its group is killed
// then: a background job neither outlives its command nor keeps it from being answered.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

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
};

/// Runs `program`, an absolute path, with `words`. Cancelling it kills the group, and yields when
/// the child has been reaped. Errors: those of ChildProcess::start; the cancellation's.
[[nodiscard]] Task<Result<CommandResult>> run_command(std::string program,
                                                      std::vector<std::string> words,
                                                      RunLimits limits);

}  // namespace weir::tools::exec
