// Clocks of a cell: the processor time of the calling thread, and the steady clock as a number that
// fits into a message.
#pragma once

#include <time.h>

#include <chrono>
#include <cstdint>

namespace weir::tools::bench {

[[nodiscard]] inline std::int64_t steady_now() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// User and system time of the thread that makes it, since then.
class ThreadCpu {
 public:
  ThreadCpu() noexcept : before_(now()) {}

  [[nodiscard]] std::chrono::nanoseconds used() const noexcept { return now() - before_; }

 private:
  [[nodiscard]] static std::chrono::nanoseconds now() noexcept {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  }

  std::chrono::nanoseconds before_;
};

}  // namespace weir::tools::bench
