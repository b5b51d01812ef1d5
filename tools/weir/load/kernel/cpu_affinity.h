// On which processors threads may run, as /proc/PID/task/TID/status says.
#pragma once

#include <bitset>
#include <cstddef>
#include <string_view>

#include "tools/weir/common/system_files.h"

namespace weir::tools::load {

inline constexpr std::size_t cpus_max = 1024;  ///< CPU_SETSIZE of glibc; others are not looked at

using CpuMask = std::bitset<cpus_max>;

/// Reads the kernel's notation, `0-3,8`; what it does not understand is left out.
[[nodiscard]] CpuMask parse_cpu_mask(std::string_view list) noexcept;

/// Of one thread: `proc/self/task/4711`; empty if it cannot be read.
[[nodiscard]] CpuMask affinity_of_thread(const SystemFiles& files, std::string_view path);

/// Of all threads of a process together, of the first 64 of them.
[[nodiscard]] CpuMask affinity_of_process(const SystemFiles& files, int pid);

}  // namespace weir::tools::load
