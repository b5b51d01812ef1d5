#include "tools/weir/exec/command_run.h"

#include <poll.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <cstddef>
#include <system_error>
#include <utility>

#include "tools/weir/exec/captured_output.h"
#include "weir/core/deadline.h"
#include "weir/core/poll_fd.h"
#include "weir/core/scope.h"

namespace weir::tools::exec {
namespace {

/// What the tasks of one run share. It is of the coroutine that joins them.
struct Run {
  ChildProcess child;
  OutputBudget budget;
  std::error_code failure{};

  /// Kills the group. If the system failed us that is noted: poll's and read's errors are of its
  /// category, unlike the reason of a cancellation.
  void give_up(std::error_code error) noexcept {
    child.kill_group();
    if (error.category() == std::system_category() && !failure) failure = error;
  }
};

/// Until the pipe ends, or the budget is exceeded or the pipe fails (which kills the group: nobody
/// would read on, and a child with a full pipe would stay), or it is cancelled.
Task<void> capture(Run* run, int pipe_fd, CapturedOutput* captured) {
  for (;;) {
    const Result<short> readable = co_await poll_fd(pipe_fd, POLLIN);
    if (!readable) co_return run->give_up(readable.error());
    const Result<CapturedOutput::State> state = captured->read_from(pipe_fd, run->budget);
    if (!state) co_return run->give_up(state.error());
    if (*state == CapturedOutput::State::ended) co_return;
    if (*state == CapturedOutput::State::exceeded) {
      run->child.kill_group();
      co_return;
    }
  }
}

/// What the child wrote before it ended is in the pipe. No more calls are made than that needs: a
/// process that left the group may hold the pipe open, and write to it for ever.
void capture_rest(Run& run, int pipe_fd, CapturedOutput& captured) {
  int held_bytes = 0;
  if (::ioctl(pipe_fd, FIONREAD, &held_bytes) != 0) return run.give_up(from_errno(errno));
  std::size_t calls = 1 + static_cast<std::size_t>(held_bytes) / CapturedOutput::bytes_a_call_max;
  Result<CapturedOutput::State> state = CapturedOutput::State::more;
  for (; calls > 0 && state && *state == CapturedOutput::State::more; --calls) {
    state = captured.read_from(pipe_fd, run.budget);
  }
  if (!state) run.give_up(state.error());
}

/// Yields nothing if the child ended by itself, by the output limit or by a failure, else why it
/// was killed. Awaits its end in each case, unless that can't be polled for: then reaping waits.
Task<std::error_code> await_end(Run* run, TimePoint deadline) {
  const int exit_fd = run->child.exit_fd();
  const Result<short> ended = co_await with_deadline(deadline, poll_fd(exit_fd, POLLIN));
  run->child.kill_group();
  if (ended) co_return std::error_code();
  run->give_up(ended.error());
  if (run->failure == ended.error()) co_return std::error_code();
  const Result<short> killed = co_await shielded(poll_fd(exit_fd, POLLIN));
  static_cast<void>(killed);
  co_return ended.error();
}

}  // namespace

Task<Result<CommandResult>> run_command(ChildProcess child, RunLimits limits) {
  const TimePoint deadline = deadline_after(Clock::now(), limits.time);
  Run run{.child = std::move(child), .budget = {.bytes_left = limits.output_bytes}};
  CapturedOutput output;
  CapturedOutput errors;
  Scope pipes;
  pipes.spawn(capture(&run, run.child.output_fd(), &output));
  pipes.spawn(capture(&run, run.child.error_fd(), &errors));
  const std::error_code killed_for = co_await await_end(&run, deadline);
  pipes.cancel();
  const Result<void> joined = co_await pipes.join();
  static_cast<void>(joined);  // they yield nothing

  capture_rest(run, run.child.output_fd(), output);
  capture_rest(run, run.child.error_fd(), errors);
  CommandResult result;
  result.end = run.child.reap();
  // The cancellation of a task may have the same reason as a deadline of ours.
  result.timed_out = killed_for == Error::deadline_exceeded && Clock::now() >= deadline;
  if (killed_for && !result.timed_out) co_return std::unexpected(killed_for);
  result.output = output.take();
  result.errors = errors.take();
  result.truncated = run.budget.is_exceeded;
  result.failure = run.failure;
  co_return result;
}

}  // namespace weir::tools::exec
