// Holds SIGINT and SIGTERM back between the runs of a job: the next run hears them, and ends as if
// they had come in it. Without this they would end the process there, without its report.
#pragma once

#include <signal.h>
#include <time.h>

namespace weir::tools::load {

class HeldSignals {
 public:
  HeldSignals() noexcept {
    sigemptyset(&held_);
    sigaddset(&held_, SIGINT);
    sigaddset(&held_, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &held_, &before_);
  }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;
  /// One that came behind the last run has nothing left to end.
  ~HeldSignals() {
    const timespec at_once{};
    while (::sigtimedwait(&held_, nullptr, &at_once) > 0) {
    }
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t held_{};
  sigset_t before_{};
};

}  // namespace weir::tools::load
