// A program run as a child, without a shell: its two output pipes, its end, its death.
//
//     /dev/null --> stdin  [ child: own session and group ]  stdout --> output_fd()
//                                                            stderr --> error_fd()
//                                                            exit   --> exit_fd(), a pidfd
//
// The child gets the words as they are, an environment of its own (PATH and LANG, nothing of ours),
// every signal as it is by default, no descriptor but the three, and no terminal. It inherits the
// working directory, user and limits of this process.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "weir/base/result.h"

namespace weir::tools::exec {

/// How a child ended: one of the two.
struct ChildEnd {
  int exit_status = 0;    ///< what it exited with
  int signal_number = 0;  ///< what killed it; 0: it exited

  bool operator==(const ChildEnd&) const = default;
};

/// Move-only. Precondition of `start`: SIGCHLD is not ignored in this process (the kernel would
/// reap the child itself, and its number could be somebody else's), see `prepare_process`.
///
/// Invariant: the child has not been reaped, so that its number is still its own and its group's,
/// exactly while `pid_` is positive.
class ChildProcess {
 public:
  /// For this process and all that it starts from now on: SIGCHLD as it is by default, although
  /// whoever started us may have ignored it; and nobody gains rights by a set-user-id program.
  static void prepare_process() noexcept;

  /// Starts `program`, an absolute path, with `words`, of which the first is its name. Blocks this
  /// thread until the program has been loaded. Errors: the system's (ENOENT, EACCES, ENOEXEC,
  /// E2BIG; EMFILE, EAGAIN: out of descriptors or processes).
  [[nodiscard]] static Result<ChildProcess> start(const std::string& program,
                                                  const std::vector<std::string>& words);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  /// Kills and reaps a child that was not reaped.
  ~ChildProcess();

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// Not blocking; readable, or hung up.
  [[nodiscard]] int output_fd() const noexcept { return output_fd_; }
  [[nodiscard]] int error_fd() const noexcept { return error_fd_; }
  /// Readable (POLLIN) once the child has ended.
  [[nodiscard]] int exit_fd() const noexcept { return exit_fd_; }

  /// SIGKILL to the child and all that is left of its process group. Nothing that the group can do
  /// prevents it; only what has left it (setsid) stays. No effect once reaped.
  void kill_group() noexcept;

  /// Waits for the child's end and releases its number. Blocks unless `exit_fd` is readable.
  [[nodiscard]] ChildEnd reap() noexcept;

 private:
  ChildProcess() = default;

  pid_t pid_ = -1;
  int output_fd_ = -1;
  int error_fd_ = -1;
  int exit_fd_ = -1;
};

}  // namespace weir::tools::exec
