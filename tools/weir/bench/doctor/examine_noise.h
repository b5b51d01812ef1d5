// What makes measurements on this machine noisy, and how to mend it: `weir bench doctor`.
//
// Two kinds of evidence: how the machine is set up (files below /proc and /sys), and how it behaves
// while nothing is asked of it (a second of watching the clock and of short sleeps).
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "tools/weir/common/system_files.h"
#include "tools/weir/doctor/limits.h"

namespace weir::tools::bench {

/// How the machine behaved.
struct NoiseSample {
  std::chrono::nanoseconds watched{};   ///< on each of the processors, in turn
  std::chrono::nanoseconds stolen{};    ///< of that, the sum of the gaps in which we did not run
  std::chrono::nanoseconds gap_max{};   ///< the longest
  std::uint64_t gaps = 0;               ///< longer than `gap_min`
  std::chrono::nanoseconds wake_p50{};  ///< how late a sleep of 100 us ends
  std::chrono::nanoseconds wake_p99{};
};

/// Shorter ones are the clock and the timer tick.
inline constexpr std::chrono::microseconds gap_min{20};

/// Takes about a second. Moves the calling thread from processor to processor, and back.
[[nodiscard]] NoiseSample measure_noise();

/// In reading order: what was observed, the processors, the machine, this program.
[[nodiscard]] std::vector<doctor::LimitFinding> examine_noise(const SystemFiles& files,
                                                              const NoiseSample& sample);

}  // namespace weir::tools::bench
