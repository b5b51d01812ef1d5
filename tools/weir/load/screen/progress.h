// The line that shows a run going on: rewritten in place on a terminal, one a second elsewhere.
// Text only: who prints it, and when, is for `run`.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "tools/weir/common/text_style.h"

namespace weir::tools::load {

/// The run so far; rate and latency are of the last interval.
struct ProgressSample {
  std::chrono::nanoseconds elapsed{};
  std::chrono::nanoseconds duration{};
  double rate = 0;  ///< answers a second
  std::chrono::nanoseconds p50{};
  std::chrono::nanoseconds p99{};
  std::chrono::nanoseconds max{};
  std::uint64_t errors = 0;  ///< since the start
  std::uint64_t lost = 0;    ///< datagrams, since the start
};

/// With a bar, at most 79 columns unless numbers are astronomic, no line end:
/// `[######----------] 4 s / 10 s  120 003/s  p50 61 us  p99 198 us  0 errors`
[[nodiscard]] std::string live_line(const ProgressSample& sample, TextStyle style);

/// For a log, no line end: `4 s  120 003/s  p50 61 us  p99 198 us  max 1.2 ms  0 errors`
[[nodiscard]] std::string plain_line(const ProgressSample& sample, TextStyle style);

}  // namespace weir::tools::load
