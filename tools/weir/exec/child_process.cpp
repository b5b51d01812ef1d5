#include "tools/weir/exec/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "weir/base/assert.h"

namespace weir::tools::exec {
namespace {

/// Where the programs that a command starts itself are looked up.
constexpr const char* path_variable = "PATH=/usr/local/bin:/usr/bin:/bin";
/// Messages in English, text in UTF-8, whatever the server's own locale is.
constexpr const char* language_variable = "LANG=C.UTF-8";

class OwnedFd {
 public:
  OwnedFd() = default;
  explicit OwnedFd(int fd) noexcept : fd_(fd) {}
  OwnedFd(const OwnedFd&) = delete;
  OwnedFd& operator=(const OwnedFd&) = delete;
  ~OwnedFd() { reset(-1); }
  void reset(int fd) noexcept {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }
  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

/// A number above those of the standard streams: the child's dup2 of one pipe must not close the
/// other, which it could in a process that was started with a standard stream closed.
int keep_clear_of_standard_streams(int fd) noexcept {
  if (fd > STDERR_FILENO) return fd;
  const int moved = ::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  const int error = errno;
  ::close(fd);
  errno = error;
  return moved;
}

struct Pipe {
  OwnedFd reading;  ///< not blocking
  OwnedFd writing;  ///< blocking, as programs expect it

  Result<void> open() noexcept {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno(errno);
    reading.reset(ends[0]);
    writing.reset(ends[1]);
    reading.reset(keep_clear_of_standard_streams(reading.release()));
    if (reading.get() < 0) return fail_errno(errno);
    writing.reset(keep_clear_of_standard_streams(writing.release()));
    if (writing.get() < 0) return fail_errno(errno);
    if (::fcntl(reading.get(), F_SETFL, O_NONBLOCK) != 0) return fail_errno(errno);
    return {};
  }
};

/// posix_spawn's two objects, set up and destroyed. They fail for want of memory only, which ends
/// the process anyway.
class SpawnSettings {
 public:
  SpawnSettings(int output_fd, int error_fd) noexcept {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, output_fd, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, error_fd, STDERR_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);

    // A shard blocks the signals that drain it, and the program may ignore SIGPIPE: both would be
    // inherited. A session of its own is a process group of its own, without a terminal.
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawnattr_setflags(&attributes_,
                               POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    sigset_t signals;
    sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    sigfillset(&signals);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&actions_);
  }

  /// \returns 0 or an errno value, also one of the exec in the child
  int spawn(const std::string& program, const std::vector<std::string>& words,
            pid_t& pid) const noexcept {
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    // The interface dates from before const; nothing is written there.
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const std::array<char*, 3> environment = {const_cast<char*>(path_variable),
                                              const_cast<char*>(language_variable), nullptr};
    return ::posix_spawn(&pid, program.c_str(), &actions_, &attributes_, arguments.data(),
                         environment.data());
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

}  // namespace

void ChildProcess::prepare_process() noexcept {
  ::signal(SIGCHLD, SIG_DFL);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);  // Linux 3.5
}

Result<ChildProcess> ChildProcess::start(const std::string& program,
                                         const std::vector<std::string>& words) {
  WEIR_ASSERT(program.starts_with('/') && !words.empty());
  Pipe output;
  Pipe error;
  if (const Result<void> opened = output.open(); !opened) return fail(opened.error());
  if (const Result<void> opened = error.open(); !opened) return fail(opened.error());

  // The pidfd comes after the start, when "out of descriptors" would mean a command that ran and
  // was killed: its place is taken before.
  OwnedFd place(::fcntl(output.reading.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (place.get() < 0) return fail_errno(errno);

  ChildProcess child;
  const SpawnSettings settings(output.writing.get(), error.writing.get());
  if (const int code = settings.spawn(program, words, child.pid_); code != 0) {
    child.pid_ = -1;
    return fail_errno(code);
  }
  place.reset(-1);
  child.output_fd_ = output.reading.release();
  child.error_fd_ = error.reading.release();
  // The number is the child's until it is reaped, which only this object does.
  // Linux 5.3. The header of glibc 2.36 declares pidfd_open as a C++ function, which nobody
  // defines.
  child.exit_fd_ = static_cast<int>(::syscall(SYS_pidfd_open, child.pid_, 0));
  if (child.exit_fd_ < 0) return fail_errno(errno);
  return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      output_fd_(std::exchange(other.output_fd_, -1)),
      error_fd_(std::exchange(other.error_fd_, -1)),
      exit_fd_(std::exchange(other.exit_fd_, -1)) {}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) {
    kill_group();
    static_cast<void>(reap());
  }
  for (const int fd : {output_fd_, error_fd_, exit_fd_}) {
    if (fd >= 0) ::close(fd);
  }
}

void ChildProcess::kill_group() noexcept {
  if (pid_ > 0) ::kill(-pid_, SIGKILL);
}

ChildEnd ChildProcess::reap() noexcept {
  WEIR_ASSERT(pid_ > 0);
  siginfo_t end{};
  int result = 0;
  do {
    result = ::waitid(P_PID, static_cast<id_t>(pid_), &end, WEXITED);
  } while (result != 0 && errno == EINTR);
  WEIR_ASSERT(result == 0);
  pid_ = -1;
  if (end.si_code == CLD_EXITED) return {.exit_status = end.si_status, .signal_number = 0};
  return {.exit_status = 0, .signal_number = end.si_status};
}

}  // namespace weir::tools::exec
