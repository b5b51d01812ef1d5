#include "tools/weir/bench/process/system_call_counter.h"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include <fmt/format.h>

#include "tools/weir/common/system_files.h"

namespace weir::tools::bench {
namespace {

constexpr std::size_t counted_threads_max = 4096;

Result<std::uint64_t> tracepoint_id() {
  const SystemFiles files;
  // The second is where it was before Linux 4.1, and still is where only debugfs is mounted.
  for (const char* root : {"sys/kernel/tracing", "sys/kernel/debug/tracing"}) {
    const auto line = files.read_line(fmt::format("{}/events/raw_syscalls/sys_enter/id", root));
    const auto id = line ? parse_number(*line) : std::nullopt;
    if (id) return *id;
  }
  return fail_errno(ENOENT);
}

}  // namespace

Result<SystemCallCounter> SystemCallCounter::start(pid_t pid) {
  const Result<std::uint64_t> id = tracepoint_id();
  if (!id) return std::unexpected(id.error());
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;
  attributes.type = PERF_TYPE_TRACEPOINT;
  attributes.config = *id;
  attributes.inherit = 1;
  SystemCallCounter counter;
  for (const std::string& thread :
       SystemFiles().list(fmt::format("proc/{}/task", pid), counted_threads_max)) {
    const auto tid = static_cast<pid_t>(parse_number(thread).value_or(0));
    const long fd = ::syscall(SYS_perf_event_open, &attributes, tid, /*cpu=*/-1, /*group=*/-1,
                              PERF_FLAG_FD_CLOEXEC);
    if (fd < 0 && errno == ESRCH) continue;  // it ended meanwhile
    if (fd < 0) return fail_errno(errno);
    counter.fds_.push_back(static_cast<int>(fd));
  }
  if (counter.fds_.empty()) return fail_errno(ESRCH);
  return counter;
}

SystemCallCounter::~SystemCallCounter() {
  for (const int fd : fds_) ::close(fd);
}

std::uint64_t SystemCallCounter::count() const noexcept {
  std::uint64_t total = 0;
  for (const int fd : fds_) {
    std::uint64_t value = 0;
    if (::read(fd, &value, sizeof value) == sizeof value) total += value;
  }
  return total;
}

}  // namespace weir::tools::bench
