#include "tools/weir/load/screen/progress_output.h"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>

namespace weir::tools::load {
namespace {

// For a descriptor that someone made non-blocking. Longer, and nobody reads it.
constexpr int patience_ms = 100;

/// Keeps this thread's SIGPIPE from ending the program. To ignore the signal would be shorter, but
/// it is the whole program's, and children inherit that.
class SigpipeGuard {
 public:
  SigpipeGuard() noexcept {
    ::sigemptyset(&sigpipe_);
    ::sigaddset(&sigpipe_, SIGPIPE);
    sigset_t pending;
    ::sigpending(&pending);
    // One that came before is not ours to take away.
    was_pending_ = ::sigismember(&pending, SIGPIPE) == 1;
    ::pthread_sigmask(SIG_BLOCK, &sigpipe_, &before_);
  }
  SigpipeGuard(const SigpipeGuard&) = delete;
  SigpipeGuard& operator=(const SigpipeGuard&) = delete;
  ~SigpipeGuard() {
    const timespec now{};
    if (!was_pending_) ::sigtimedwait(&sigpipe_, nullptr, &now);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t sigpipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

bool becomes_writable(int fd, int timeout_ms) noexcept {
  pollfd entry{.fd = fd, .events = POLLOUT, .revents = 0};
  // An error counts as writable: to write tells which one.
  return ::poll(&entry, 1, timeout_ms) > 0;
}

}  // namespace

bool ProgressOutput::is_ready() const noexcept { return becomes_writable(fd_, 0); }

void ProgressOutput::write(std::string_view text) noexcept {
  if (text.empty() || has_failed_) return;
  const SigpipeGuard guard;
  while (!text.empty()) {
    const ssize_t written = ::write(fd_, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR && !(errno == EAGAIN && becomes_writable(fd_, patience_ms))) {
      has_failed_ = true;
      return;
    }
  }
}

}  // namespace weir::tools::load
