// Counts the system calls of another process by the kernel's own tracepoint raw_syscalls:sys_enter
// (perf_event_open(2)): exact, and cheap for the process. Needs root and tracefs.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "weir/base/result.h"

namespace weir::tools::bench {

class SystemCallCounter {
 public:
  /// Counts from now on, for the threads the process has now and those they make.
  /// Errors: EACCES or EPERM without the right to, ENOENT without tracefs, ESRCH if it has ended.
  [[nodiscard]] static Result<SystemCallCounter> start(pid_t pid);

  SystemCallCounter(SystemCallCounter&& other) noexcept = default;
  SystemCallCounter& operator=(SystemCallCounter&&) = delete;
  ~SystemCallCounter();

  [[nodiscard]] std::uint64_t count() const noexcept;

 private:
  SystemCallCounter() = default;

  std::vector<int> fds_;  ///< one for each thread
};

}  // namespace weir::tools::bench
