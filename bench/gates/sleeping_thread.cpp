#include "bench/gates/sleeping_thread.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

#include "bench/gates/patience.h"

namespace weir::gates {
namespace {

/// proc(5): "TID (NAME) STATE ...", where the name may hold anything.
char state_in(std::string_view stat) noexcept {
  const std::size_t name_end = stat.rfind(')');
  return name_end == std::string_view::npos || name_end + 2 >= stat.size() ? '?'
                                                                           : stat[name_end + 2];
}

}  // namespace

Result<SleepingThread> SleepingThread::watch_this() {
  const std::string path = "/proc/self/task/" + std::to_string(::gettid()) + "/stat";
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail_errno(errno);
  return SleepingThread(fd);
}

SleepingThread::SleepingThread(SleepingThread&& other) noexcept
    : stat_fd_(std::exchange(other.stat_fd_, -1)) {}

SleepingThread::~SleepingThread() {
  if (stat_fd_ >= 0) ::close(stat_fd_);
}

// 'S' is the interruptible sleep of epoll_wait and io_uring_enter. Waiting for a lock of the kernel
// or for a page is 'D', and being ready for the core is 'R'.
Result<void> SleepingThread::wait() const {
  return wait_until([this] {
    std::array<char, 256> stat{};
    const ssize_t bytes = ::pread(stat_fd_, stat.data(), stat.size(), 0);
    return bytes > 0 && state_in({stat.data(), static_cast<std::size_t>(bytes)}) == 'S';
  });
}

}  // namespace weir::gates
