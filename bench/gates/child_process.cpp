#include "bench/gates/child_process.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <type_traits>

#include "weir/base/error.h"

namespace weir::gates {
namespace {

/// What goes through the pipe.
struct Outcome {
  Balance balance;
  int error = 0;  ///< 0: none
  bool is_errno = false;
};
static_assert(std::is_trivially_copyable_v<Outcome>);

[[noreturn]] void run_and_tell(const std::function<Result<Balance>()>& function, int out) {
  const Result<Balance> result = function();
  Outcome outcome;
  if (result) {
    outcome.balance = *result;
  } else {
    outcome.error = result.error().value();
    outcome.is_errno = result.error().category() == std::system_category();
  }
  const bool is_told = ::write(out, &outcome, sizeof outcome) == ssize_t{sizeof outcome};
  ::_exit(is_told ? 0 : 1);
}

}  // namespace

Result<Balance> in_child_process(const std::function<Result<Balance>()>& function) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return fail_errno(errno);
  const pid_t child = ::fork();
  if (child < 0) return fail_errno(errno);
  if (child == 0) run_and_tell(function, ends[1]);
  ::close(ends[1]);
  Outcome outcome;
  const ssize_t bytes = ::read(ends[0], &outcome, sizeof outcome);
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (bytes != ssize_t{sizeof outcome}) return fail_errno(ECHILD);
  if (outcome.error == 0) return outcome.balance;
  if (outcome.is_errno) return fail_errno(outcome.error);
  return fail(static_cast<Error>(outcome.error));
}

}  // namespace weir::gates
