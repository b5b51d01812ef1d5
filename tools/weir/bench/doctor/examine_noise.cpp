#include "tools/weir/bench/doctor/examine_noise.h"

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "tools/weir/common/duration.h"
#include "tools/weir/common/machine.h"
#include "tools/weir/common/version.h"

namespace weir::tools::bench {
namespace {

using doctor::LimitFinding;
using doctor::Verdict;
using std::chrono::nanoseconds;

/// A part of the time, and a wake-up, beyond which pairs of short cells stop to agree.
constexpr double stolen_share_max = 0.01;
constexpr nanoseconds wake_max = std::chrono::microseconds(200);
constexpr double load_max = 0.5;    // others than this program that want to run
constexpr double pressure_max = 5;  // % of the last ten seconds

LimitFinding examine_gaps(const NoiseSample& sample) {
  const double share = sample.watched.count() == 0
                           ? 0
                           : static_cast<double>(sample.stolen.count()) /
                                 static_cast<double>(sample.watched.count());
  LimitFinding finding{
      .name = "gaps",
      .value = fmt::format("{} in {}, the longest {}, {:.2f} % of the time", sample.gaps,
                           format_duration(sample.watched, TextStyle{}),
                           format_duration(sample.gap_max, TextStyle{}), 100 * share),
      .verdict = Verdict::ok,
      .reason = "times in which a program that only reads the clock did not run"};
  if (share <= stolen_share_max) return finding;
  finding.verdict = Verdict::will_hurt;
  finding.reason += ": other programs, interrupts, or the hypervisor took the processor";
  finding.remedy = "top -b -n 1 | head -20  # who is it?";
  return finding;
}

LimitFinding examine_wake_ups(const NoiseSample& sample) {
  LimitFinding finding{
      .name = "wake-up",
      .value = fmt::format("p50 {} late, p99 {}", format_duration(sample.wake_p50, TextStyle{}),
                           format_duration(sample.wake_p99, TextStyle{})),
      .verdict = Verdict::ok,
      .reason =
          "how late a sleep of 100 us ends; whoever finishes sooner sleeps more often, and "
          "pays that more often"};
  if (sample.wake_p99 <= wake_max) return finding;
  finding.verdict = Verdict::will_hurt;
  return finding;
}

LimitFinding examine_load(const SystemFiles& files) {
  const auto line = files.read_line("proc/loadavg");
  LimitFinding finding{.name = "load",
                       .value = line ? line->substr(0, line->find(' ')) : "unknown",
                       .verdict = Verdict::cannot_tell,
                       .reason = "programs that wanted to run in the last minute"};
  double load = 0;
  const std::string& text = finding.value;
  if (std::from_chars(text.data(), text.data() + text.size(), load).ec != std::errc{}) {
    return finding;
  }
  finding.verdict = load <= load_max ? Verdict::ok : Verdict::will_hurt;
  if (load > load_max) finding.remedy = "top  # wait for what runs, or end it; or use --realtime";
  return finding;
}

LimitFinding examine_pressure(const SystemFiles& files) {
  LimitFinding finding{.name = "cpu pressure",
                       .value = "unknown",
                       .verdict = Verdict::cannot_tell,
                       .reason = "part of the last 10 s in which something waited for a processor"};
  const auto line = files.read_line("proc/pressure/cpu");
  const std::size_t at = line ? line->find("avg10=") : std::string::npos;
  if (at == std::string::npos) return finding;
  const std::string text = line->substr(at + 6, line->find(' ', at) - at - 6);
  double share = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), share).ec != std::errc{}) {
    return finding;
  }
  finding.value = text + " %";
  finding.verdict = share <= pressure_max ? Verdict::ok : Verdict::will_hurt;
  return finding;
}

LimitFinding examine_cpus(const Machine& machine) {
  LimitFinding finding{.name = "cpus",
                       .value = fmt::format("{} of {}", machine.cpus_allowed, machine.cpus_online),
                       .verdict = Verdict::ok,
                       .reason = "one for the server, one for the load, the others for all else"};
  if (machine.cpus_allowed == 0) finding.verdict = Verdict::cannot_tell;
  if (machine.cpus_allowed == 1) {
    finding.verdict = Verdict::will_hurt;
    finding.reason = "server and load share one: believe no ratio";
  } else if (machine.cpus_allowed == 2) {
    finding.verdict = Verdict::will_hurt;
    finding.reason = "server and load have one each, and all else on this machine runs there too";
  }
  return finding;
}

LimitFinding examine_siblings(const SystemFiles& files) {
  const auto list = files.read_line("sys/devices/system/cpu/cpu0/topology/thread_siblings_list");
  LimitFinding finding{.name = "siblings",
                       .value = list.value_or("unknown"),
                       .verdict = list ? Verdict::ok : Verdict::cannot_tell,
                       .reason = "processor 0 shares its core with no other"};
  if (!list || list->find_first_of(",-") == std::string::npos) return finding;
  finding.verdict = Verdict::will_hurt;
  finding.reason = "these share one core: what one does takes up to half of the other's speed";
  finding.remedy = "echo off | sudo tee /sys/devices/system/cpu/smt/control";
  return finding;
}

LimitFinding examine_virtual(const Machine& machine) {
  LimitFinding finding{.name = "hypervisor",
                       .value = machine.is_virtual ? "there is one" : "none",
                       .verdict = Verdict::ok,
                       .reason = "the processors are this system's own"};
  if (!machine.is_virtual) return finding;
  finding.verdict = Verdict::will_hurt;
  finding.reason =
      "others share the machine unseen, sleeping and waking up cost more, and there "
      "are no hardware counters";
  return finding;
}

LimitFinding examine_governor(const Machine& machine) {
  LimitFinding finding{.name = "governor",
                       .value = machine.governor.empty() ? "none" : machine.governor,
                       .verdict = Verdict::ok,
                       .reason = "the frequency is not this system's to change"};
  if (machine.governor.empty()) return finding;
  finding.reason = "the processor keeps its frequency";
  if (machine.governor == "performance") return finding;
  finding.verdict = Verdict::will_hurt;
  finding.reason = "the frequency follows the load, late";
  finding.remedy = "sudo cpupower frequency-set -g performance";
  return finding;
}

LimitFinding examine_clock(const Machine& machine) {
  const bool is_fast = machine.clock_source == "tsc" || machine.clock_source == "kvm-clock" ||
                       machine.clock_source == "arch_sys_counter" ||
                       machine.clock_source == "hyperv_clocksource_tsc_page";
  LimitFinding finding{.name = "clock source",
                       .value = machine.clock_source.empty() ? "unknown" : machine.clock_source,
                       .verdict = is_fast ? Verdict::ok : Verdict::will_hurt,
                       .reason = is_fast ? "read without a system call"
                                         : "each reading of the clock is a system call"};
  if (machine.clock_source.empty()) finding.verdict = Verdict::cannot_tell;
  return finding;
}

LimitFinding examine_build() {
  const bool is_optimized = build_kind() == "release";
  return {.name = "build",
          .value = version_line(),
          .verdict = is_optimized ? Verdict::ok : Verdict::will_hurt,
          .reason = is_optimized ? "optimized, without sanitizers"
                                 : "not optimized, or with sanitizers: measure another",
          .remedy = is_optimized ? "" : "cmake --preset release && cmake --build build/release"};
}

LimitFinding examine_tracepoint(const SystemFiles& files) {
  const bool is_there =
      files.read_line("sys/kernel/tracing/events/raw_syscalls/sys_enter/id").has_value() ||
      files.read_line("sys/kernel/debug/tracing/events/raw_syscalls/sys_enter/id").has_value();
  return {.name = "tracepoints",
          .value = is_there ? "readable" : "not readable",
          .verdict = is_there ? Verdict::ok : Verdict::cannot_tell,
          .reason = is_there ? "system calls can be counted"
                             : "system calls of servers are not counted: run this as root",
          .remedy = is_there ? "" : "sudo mount -t tracefs nodev /sys/kernel/tracing"};
}

}  // namespace

std::vector<LimitFinding> examine_noise(const SystemFiles& files, const NoiseSample& sample) {
  const Machine machine = read_machine(files);
  return {examine_gaps(sample),     examine_wake_ups(sample),  examine_load(files),
          examine_pressure(files),  examine_cpus(machine),     examine_siblings(files),
          examine_virtual(machine), examine_governor(machine), examine_clock(machine),
          examine_build(),          examine_tracepoint(files)};
}

}  // namespace weir::tools::bench
