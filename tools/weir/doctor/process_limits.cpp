// Limits of this process: descriptors, locked memory, system call filter.
#include <optional>
#include <string>

#include <fmt/format.h>

#include "tools/weir/common/byte_size.h"
#include "tools/weir/common/count.h"
#include "tools/weir/doctor/limit_checks.h"

namespace weir::tools::doctor {
namespace {

constexpr std::string_view limits_path = "proc/self/limits";
constexpr std::string_view status_path = "proc/self/status";

// A connection is a descriptor; ten thousand of them is the classic aim (C10K).
constexpr std::uint64_t nofile_wanted = 10'000;
// What a distribution gives an unprivileged process today; 64 KiB was the default before
// Linux 5.16.
constexpr std::uint64_t memlock_wanted = std::uint64_t{8} << 20;

struct ResourceLimit {
  std::uint64_t soft = 0;
  std::uint64_t hard = 0;
};

constexpr std::uint64_t unlimited = UINT64_MAX;

/// A line of /proc/self/limits: the name padded with spaces, soft and hard limit, the unit.
std::optional<ResourceLimit> read_limit(const SystemFiles& files, std::string_view name) {
  const auto content = files.read(limits_path);
  if (!content) return std::nullopt;
  const std::size_t start = content->find(fmt::format("{}  ", name));
  if (start == std::string::npos) return std::nullopt;

  std::string_view rest = std::string_view(*content).substr(start + name.size());
  const auto next_number = [&rest]() -> std::optional<std::uint64_t> {
    rest.remove_prefix(std::min(rest.size(), rest.find_first_not_of(' ')));
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(word.size());
    if (word == "unlimited") return unlimited;
    return parse_number(word);
  };
  const auto soft = next_number();
  const auto hard = next_number();
  if (!soft || !hard) return std::nullopt;
  return ResourceLimit{.soft = *soft, .hard = *hard};
}

std::string count_text(std::uint64_t count) {
  return count == unlimited ? "unlimited" : format_count(count);
}

std::string bytes_text(std::uint64_t bytes) {
  return bytes == unlimited ? "unlimited" : format_byte_size(static_cast<double>(bytes));
}

LimitFinding examine_nofile(const SystemFiles& files) {
  const auto limit = read_limit(files, "Max open files");
  if (!limit) return unknown_limit("nofile", limits_path);
  LimitFinding finding{
      .name = "nofile",
      .value = fmt::format("{} (hard {})", count_text(limit->soft), count_text(limit->hard)),
      .verdict = Verdict::ok,
      .reason = "open files: one for each connection"};
  if (limit->soft >= nofile_wanted) return finding;
  finding.verdict = Verdict::will_hurt;
  finding.reason = fmt::format(
      "open files: a service that does not raise it itself stops at {} "
      "connections",
      count_text(limit->soft));
  finding.remedy =
      limit->hard >= nofile_wanted
          ? fmt::format("ulimit -n {}",
                        limit->hard == unlimited ? "1048576" : fmt::format("{}", limit->hard))
          : "sudo prlimit --pid $$ --nofile=1048576:1048576";
  return finding;
}

LimitFinding examine_memlock(const SystemFiles& files) {
  const auto limit = read_limit(files, "Max locked memory");
  if (!limit) return unknown_limit("memlock", limits_path);
  LimitFinding finding{
      .name = "memlock",
      .value = fmt::format("{} (hard {})", bytes_text(limit->soft), bytes_text(limit->hard)),
      .verdict = Verdict::ok,
      .reason =
          "locked memory: io_uring charges registered buffers to it, before Linux 5.12 its "
          "rings too"};
  if (limit->soft >= memlock_wanted) return finding;
  finding.verdict = Verdict::will_hurt;
  finding.reason = "locked memory: io_uring may be refused its rings and registered buffers";
  finding.remedy = limit->hard >= memlock_wanted
                       ? fmt::format("ulimit -l {}", limit->hard == unlimited
                                                         ? "unlimited"
                                                         : fmt::format("{}", limit->hard >> 10))
                       : "sudo prlimit --pid $$ --memlock=unlimited:unlimited";
  return finding;
}

LimitFinding examine_seccomp(const SystemFiles& files) {
  const auto mode = files.read_field(status_path, "Seccomp");
  if (!mode) return unknown_limit("seccomp", status_path);
  if (*mode == "0") {
    return {.name = "seccomp",
            .value = "off",
            .verdict = Verdict::ok,
            .reason = "no filter stands between this process and io_uring"};
  }
  return {
      .name = "seccomp",
      .value = *mode == "2" ? "filter" : "strict",
      .verdict = Verdict::cannot_tell,
      .reason = "a filter is active; those of containers often forbid io_uring: see the backend",
      .remedy = "docker run --security-opt seccomp=unconfined ..."};
}

}  // namespace

std::vector<LimitFinding> examine_process(const SystemFiles& files) {
  return {examine_nofile(files), examine_memlock(files), examine_seccomp(files)};
}

}  // namespace weir::tools::doctor
