#include "tools/weir/load/kernel/cpu_affinity.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

namespace weir::tools::load {
namespace {

constexpr std::size_t threads_max = 64;

}  // namespace

CpuMask parse_cpu_mask(std::string_view list) noexcept {
  CpuMask mask;
  while (!list.empty()) {
    const std::string_view item = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), item.size() + 1));
    const std::size_t dash = item.find('-');
    const auto first = parse_number(item.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_number(item.substr(dash + 1));
    if (!first || !last) continue;
    for (std::uint64_t cpu = *first; cpu <= *last && cpu < cpus_max; ++cpu) mask.set(cpu);
  }
  return mask;
}

CpuMask affinity_of_thread(const SystemFiles& files, std::string_view path) {
  return parse_cpu_mask(
      files.read_field(fmt::format("{}/status", path), "Cpus_allowed_list").value_or(""));
}

CpuMask affinity_of_process(const SystemFiles& files, int pid) {
  CpuMask mask;
  const std::string threads = fmt::format("proc/{}/task", pid);
  for (const std::string& thread : files.list(threads, threads_max)) {
    mask |= affinity_of_thread(files, fmt::format("{}/{}", threads, thread));
  }
  return mask;
}

}  // namespace weir::tools::load
