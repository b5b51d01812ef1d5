// What a process has cost so far, by the kernel's accounting: nothing here believes what a server
// says about itself.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>

namespace weir::tools::bench {

/// Processor time of all its threads, those that io_uring made for it among them. Exact to the ns
/// for threads that sleep (/proc/PID/task/*/schedstat).
[[nodiscard]] std::chrono::nanoseconds cpu_time_of(pid_t pid);

/// The same, once it has finished what it was doing and sleeps; waits at most a second or so.
[[nodiscard]] std::chrono::nanoseconds settled_cpu_time_of(pid_t pid);

/// Resident memory in bytes, exact (/proc/PID/smaps_rollup; `status` counts in batches of pages).
[[nodiscard]] std::optional<std::uint64_t> resident_bytes_of(pid_t pid);

}  // namespace weir::tools::bench
