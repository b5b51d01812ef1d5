// Knows when another thread of this process has gone to sleep.
//
// What makes the counts of a server exact: a request that is sent only then meets it in the same
// place each time, however the machine schedules the two.
#pragma once

#include "weir/base/result.h"

namespace weir::gates {

class SleepingThread {
 public:
  /// Watches the thread that calls this.
  [[nodiscard]] static Result<SleepingThread> watch_this();

  SleepingThread(SleepingThread&& other) noexcept;
  SleepingThread& operator=(SleepingThread&&) = delete;
  ~SleepingThread();

  /// Returns once the thread sleeps in the kernel, where a shard does so in its poll alone.
  /// ETIMEDOUT if it does not in `wait_max`.
  [[nodiscard]] Result<void> wait() const;

 private:
  explicit SleepingThread(int stat_fd) noexcept : stat_fd_(stat_fd) {}

  int stat_fd_;  // /proc/self/task/TID/stat
};

}  // namespace weir::gates
