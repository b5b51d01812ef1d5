#include "tools/weir/bench/process/process_cost.h"

#include <string>
#include <thread>

#include <fmt/format.h>

#include "tools/weir/common/system_files.h"

namespace weir::tools::bench {
namespace {

constexpr std::size_t threads_max = 4096;
constexpr std::chrono::milliseconds look_interval{3};
constexpr unsigned looks_max = 400;

}  // namespace

std::chrono::nanoseconds cpu_time_of(pid_t pid) {
  const SystemFiles files;
  const std::string tasks = fmt::format("proc/{}/task", pid);
  std::uint64_t total = 0;
  for (const std::string& thread : files.list(tasks, threads_max)) {
    const auto line = files.read_line(fmt::format("{}/{}/schedstat", tasks, thread));
    if (!line) continue;  // it ended meanwhile
    total += parse_number(std::string_view(*line).substr(0, line->find(' '))).value_or(0);
  }
  return std::chrono::nanoseconds(total);
}

std::chrono::nanoseconds settled_cpu_time_of(pid_t pid) {
  std::chrono::nanoseconds before = cpu_time_of(pid);
  for (unsigned look = 0; look < looks_max; ++look) {
    std::this_thread::sleep_for(look_interval);
    const std::chrono::nanoseconds after = cpu_time_of(pid);
    if (after == before) break;
    before = after;
  }
  return before;
}

std::optional<std::uint64_t> resident_bytes_of(pid_t pid) {
  const auto text = SystemFiles().read_field(fmt::format("proc/{}/smaps_rollup", pid), "Rss");
  if (!text) return std::nullopt;
  const auto kib = parse_number(std::string_view(*text).substr(0, text->find(' ')));
  return kib ? std::optional(*kib * 1024) : std::nullopt;
}

}  // namespace weir::tools::bench
