#include "tools/weir/exec/command_run.h"

#include <poll.h>

#include <system_error>
#include <utility>

#include "tools/weir/exec/captured_output.h"
#include "weir/core/deadline.h"
#include "weir/core/poll_fd.h"
#include "weir/core/scope.h"

namespace weir::tools::exec {
namespace {

/// Until the pipe ends, the budget is exceeded (which kills the group), or it is cancelled. All
/// pointers outlive it: they are of the coroutine that joins it.
Task<void> capture(ChildProcess* child, int pipe_fd, CapturedOutput* captured,
                   OutputBudget* budget) {
  for (;;) {
    const Result<short> readable = co_await poll_fd(pipe_fd, POLLIN);
    if (!readable) co_return;
    const Result<CapturedOutput::State> state = captured->read_from(pipe_fd, *budget);
    if (!state || *state == CapturedOutput::State::ended) co_return;
    if (*state == CapturedOutput::State::exceeded) {
      child->kill_group();
      co_return;
    }
  }
}

/// What the child wrote before it ended is in the pipe. The end of the pipe is not waited for: a
/// process that left the group may hold it open.
void capture_rest(int pipe_fd, CapturedOutput& captured, OutputBudget& budget) {
  Result<CapturedOutput::State> state = CapturedOutput::State::more;
  while (state && *state == CapturedOutput::State::more) {
    state = captured.read_from(pipe_fd, budget);
  }
}

/// Yields nothing if the child ended by itself or by the output limit, else why it was killed.
/// Awaits its end in each case.
Task<std::error_code> await_end(ChildProcess* child, TimePoint deadline) {
  const Result<short> ended = co_await with_deadline(deadline, poll_fd(child->exit_fd(), POLLIN));
  child->kill_group();
  if (ended) co_return std::error_code();
  const Result<short> killed = co_await shielded(poll_fd(child->exit_fd(), POLLIN));
  static_cast<void>(killed);  // if it can't be polled for, reaping waits
  co_return ended.error();
}

}  // namespace

Task<Result<CommandResult>> run_command(std::string program, std::vector<std::string> words,
                                        RunLimits limits) {
  Result<ChildProcess> child = ChildProcess::start(program, words);
  if (!child) co_return std::unexpected(child.error());
  const TimePoint deadline = deadline_after(Clock::now(), limits.time);

  OutputBudget budget{.bytes_left = limits.output_bytes};
  CapturedOutput output;
  CapturedOutput errors;
  Scope pipes;
  pipes.spawn(capture(&*child, child->output_fd(), &output, &budget));
  pipes.spawn(capture(&*child, child->error_fd(), &errors, &budget));
  const std::error_code killed_for = co_await await_end(&*child, deadline);
  pipes.cancel();
  const Result<void> joined = co_await pipes.join();
  static_cast<void>(joined);  // they yield nothing

  capture_rest(child->output_fd(), output, budget);
  capture_rest(child->error_fd(), errors, budget);
  CommandResult result;
  result.end = child->reap();
  // The cancellation of a task may have the same reason as a deadline of ours.
  result.timed_out = killed_for == Error::deadline_exceeded && Clock::now() >= deadline;
  if (killed_for && !result.timed_out) co_return std::unexpected(killed_for);
  result.output = output.take();
  result.errors = errors.take();
  result.truncated = budget.is_exceeded;
  co_return result;
}

}  // namespace weir::tools::exec
