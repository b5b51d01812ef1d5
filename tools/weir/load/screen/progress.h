// What a run tells while it goes on, and the line that shows it: one a second for logs, or a screen
// (load_screen.h). Text only: who prints it, and when, is for `run`.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "tools/weir/common/text_style.h"
#include "tools/weir/load/engine/load_part.h"

namespace weir::tools::load {

/// Times of the last second, of the primary latency.
struct ProgressSample {
  Phase phase = Phase::measured;
  std::chrono::nanoseconds
      elapsed{};  ///< since the measured time began; in the warm-up, since it did
  std::chrono::nanoseconds duration{};       ///< of the measured time
  std::optional<double> offered_rate{};      ///< due a second, now; none in a closed loop
  std::optional<double> offered_rate_run{};  ///< the same, on average
  double rate = 0;                           ///< answers a second
  double rate_run = 0;
  std::chrono::nanoseconds p50{};
  std::chrono::nanoseconds p99{};
  std::chrono::nanoseconds p999{};
  std::chrono::nanoseconds max{};
  std::chrono::nanoseconds p50_run{};
  std::chrono::nanoseconds p99_run{};
  std::chrono::nanoseconds p999_run{};
  std::chrono::nanoseconds send_lag_p99{};
  std::uint64_t in_flight = 0;
  std::uint64_t queued = 0;    ///< due, without a connection
  std::uint64_t errors = 0;    ///< since the start
  std::uint64_t timeouts = 0;  ///< of them
  std::uint64_t dropped = 0;
  std::uint64_t lost = 0;          ///< datagrams, since the start
  double generator_cpu_share = 0;  ///< of one CPU, waiting by polling left out
  double steal_share = 0;
  bool ends_second = true;  ///< else a quarter in between, for a screen that moves
};

/// With a bar that gives way to large numbers, at most 79 columns, no line end:
/// `[######----------] 4 s / 10 s  120 003/s  p50 61 us  p99 198 us  0 errors`
[[nodiscard]] std::string live_line(const ProgressSample& sample, TextStyle style);

/// For a log, no line end: `4 s  120 003/s  p50 61 us  p99 198 us  max 1.2 ms  0 errors`
[[nodiscard]] std::string plain_line(const ProgressSample& sample, TextStyle style);

}  // namespace weir::tools::load
