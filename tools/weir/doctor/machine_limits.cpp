// Kernel, CPUs, memory: what the machine itself gives.
#include <charconv>
#include <optional>
#include <sstream>
#include <string>

#include <fmt/format.h>

#include "tools/weir/common/machine.h"
#include "tools/weir/doctor/limit_checks.h"

namespace weir::tools::doctor {
namespace {

LimitFinding examine_kernel(const SystemFiles& files) {
  constexpr std::string_view path = "proc/sys/kernel/osrelease";
  const auto release = files.read_line(path);
  if (!release) return unknown_limit("kernel", path);
  int major = 0;
  int minor = 0;
  const char* end = release->data() + release->size();
  const auto first = std::from_chars(release->data(), end, major);
  const bool dotted = first.ec == std::errc{} && first.ptr != end && *first.ptr == '.';
  if (!dotted || std::from_chars(first.ptr + 1, end, minor).ec != std::errc{}) {
    return {.name = "kernel",
            .value = *release,
            .verdict = Verdict::cannot_tell,
            .reason = "not a version number"};
  }
  // Only told, never acted on: what is used is decided by trying it.
  if (major > 6 || (major == 6 && minor >= 1)) {
    return {.name = "kernel",
            .value = *release,
            .verdict = Verdict::ok,
            .reason = "new enough for the fast features of io_uring (6.1)"};
  }
  return {.name = "kernel",
          .value = *release,
          .verdict = Verdict::will_hurt,
          .reason = "before 6.1 io_uring lacks what makes it faster than epoll",
          .remedy = "sudo apt-get install linux-image-amd64  # then reboot"};
}

LimitFinding examine_io_uring_switch(const SystemFiles& files) {
  constexpr std::string_view name = "kernel.io_uring_disabled";
  const auto value = files.read_line("proc/sys/kernel/io_uring_disabled");
  if (!value) {
    return {.name = std::string(name),
            .value = "absent",
            .verdict = Verdict::ok,
            .reason = "this kernel has no switch for it (6.6), so nobody turned it off"};
  }
  if (*value == "0") {
    return {.name = std::string(name),
            .value = *value,
            .verdict = Verdict::ok,
            .reason = "every process may use io_uring"};
  }
  return {.name = std::string(name),
          .value = *value,
          .verdict = Verdict::will_hurt,
          .reason = *value == "1" ? "only privileged processes and kernel.io_uring_group may use it"
                                  : "no process may use io_uring",
          .remedy = "sudo sysctl -w kernel.io_uring_disabled=0"};
}

LimitFinding examine_cpus(const SystemFiles& files) {
  const Machine machine = read_machine(files);
  if (machine.cpus_allowed == 0) return unknown_limit("cpus", "proc/self/status");
  LimitFinding finding{
      .name = "cpus",
      .value = machine.cpus_online == 0
                   ? fmt::format("{}", machine.cpus_allowed)
                   : fmt::format("{} of {}", machine.cpus_allowed, machine.cpus_online),
      .verdict = Verdict::ok,
      .reason = "this process may use them: one shard each"};
  if (machine.cpus_allowed > 1) return finding;
  finding.verdict = Verdict::will_hurt;
  finding.reason = "a server and what loads it would share one CPU: load from another machine";
  return finding;
}

struct CpuQuota {
  double cpus = 0;
  std::string path;  ///< of the file that sets it, below the root
};

/// The strictest cpu.max from this process's control group up to the root of the hierarchy.
std::optional<CpuQuota> read_cpu_quota(const SystemFiles& files, std::string group) {
  std::optional<CpuQuota> strictest;
  while (true) {
    const std::string path = fmt::format("sys/fs/cgroup{}/cpu.max", group);
    std::istringstream words(files.read_line(path).value_or(""));
    double quota_us = 0;
    double period_us = 0;
    if (words >> quota_us >> period_us && period_us > 0) {  // "max 100000" has no number first
      const double cpus = quota_us / period_us;
      if (!strictest || cpus < strictest->cpus) strictest = CpuQuota{.cpus = cpus, .path = path};
    }
    if (group.empty()) return strictest;
    group.erase(group.find_last_of('/'));
  }
}

LimitFinding examine_cgroup(const SystemFiles& files) {
  constexpr std::string_view name = "cgroup cpu.max";
  constexpr std::string_view path = "proc/self/cgroup";
  const auto content = files.read(path);
  const std::size_t start = content ? content->find("0::/") : std::string::npos;
  if (start == std::string::npos) return unknown_limit(name, path);  // version 1, or none
  std::string group = content->substr(start + 3, content->find('\n', start) - start - 3);
  if (group.ends_with('/')) group.pop_back();

  const auto quota = read_cpu_quota(files, group);
  if (!quota) {
    return {.name = std::string(name),
            .value = "no quota",
            .verdict = Verdict::ok,
            .reason = "CPU time is not rationed"};
  }
  LimitFinding finding{.name = std::string(name),
                       .value = fmt::format("{:.2g} CPUs", quota->cpus),
                       .verdict = Verdict::ok,
                       .reason = "a quota, but more than the CPUs that may be used"};
  if (quota->cpus >= read_machine(files).cpus_allowed) return finding;
  finding.verdict = Verdict::will_hurt;
  finding.reason = "who uses it up stands still until the next period, 100 ms as a rule";
  finding.remedy = fmt::format("echo max | sudo tee /{}", quota->path);
  return finding;
}

LimitFinding examine_huge_pages(const SystemFiles& files) {
  constexpr std::string_view name = "transparent huge pages";
  constexpr std::string_view path = "sys/kernel/mm/transparent_hugepage/enabled";
  const auto line = files.read_line(path);
  const std::size_t open = line ? line->find('[') : std::string::npos;
  const std::size_t close = line ? line->find(']') : std::string::npos;
  if (open == std::string::npos || close == std::string::npos || close < open) {
    return unknown_limit(name, path);
  }
  const std::string chosen = line->substr(open + 1, close - open - 1);
  if (chosen != "always") {
    return {.name = std::string(name),
            .value = chosen,
            .verdict = Verdict::ok,
            .reason = "only memory that asks for them gets them"};
  }
  return {.name = std::string(name),
          .value = chosen,
          .verdict = Verdict::cannot_tell,
          .reason = "may save page faults, may add memory and pauses: compare under your load",
          .remedy = fmt::format("echo madvise | sudo tee /{}", path)};
}

LimitFinding examine_governor(const SystemFiles& files) {
  constexpr std::string_view name = "cpu governor";
  const std::string governor = read_machine(files).governor;
  if (governor.empty()) {
    return {.name = std::string(name),
            .value = "none",
            .verdict = Verdict::cannot_tell,
            .reason = "no frequency control here; in a virtual machine the host decides"};
  }
  if (governor == "performance") {
    return {.name = std::string(name),
            .value = governor,
            .verdict = Verdict::ok,
            .reason = "full speed at once"};
  }
  return {.name = std::string(name),
          .value = governor,
          .verdict = Verdict::will_hurt,
          .reason = "the clock follows the load, so latency at low load and measurements waver",
          .remedy = "sudo cpupower frequency-set -g performance"};
}

}  // namespace

std::vector<LimitFinding> examine_machine(const SystemFiles& files) {
  return {examine_kernel(files), examine_io_uring_switch(files), examine_cpus(files),
          examine_cgroup(files), examine_huge_pages(files),      examine_governor(files)};
}

}  // namespace weir::tools::doctor
