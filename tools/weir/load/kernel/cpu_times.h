// Where the processors' time went: the line `cpu` of /proc/stat, all of them together, and how long
// somebody waited for one, "pressure stall information" (/proc/pressure/cpu, Linux 4.20).
//
//     cpu  864724 1136794 890019 716934 37521 0 104450 0 0 0
//          user   nice    system idle   iowait irq softirq steal guest guest_nice
//
//     some avg10=0.12 avg60=0.40 avg300=0.10 total=9346994620
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::tools::load {

/// In ticks of USER_HZ.
struct CpuTimes {
  std::uint64_t total = 0;  ///< guests' time is part of user's and nice's, and not counted again
  std::uint64_t steal = 0;  ///< taken by the hypervisor

  bool operator==(const CpuTimes&) const = default;
};

[[nodiscard]] std::optional<CpuTimes> parse_cpu_times(std::string_view proc_stat) noexcept;

/// Of the time between two readings; 0 if there was none, or the counters went back.
[[nodiscard]] double steal_share(const CpuTimes& before, const CpuTimes& after) noexcept;

/// How long at least one thread had to wait for a processor, since the system started.
[[nodiscard]] std::optional<std::chrono::microseconds> parse_pressure(
    std::string_view proc_pressure) noexcept;

/// User and system time of a process, from its /proc/PID/stat, in ticks.
[[nodiscard]] std::optional<std::uint64_t> parse_process_ticks(
    std::string_view proc_pid_stat) noexcept;

}  // namespace weir::tools::load
