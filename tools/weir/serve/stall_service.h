// `weir serve stall`: sends back what it receives, but nothing during the stalls of a StallClock.
//
// What is received in a stall leaves when that is over: a timer, no spinning. The stream goes on
// receiving meanwhile, up to its limit, as the kernel of a process that hangs would.
//
// Limit: what was answered before a stall and the peer has not made room for yet, so that it is
// still in the out-queue or the socket's buffer, may leave during the stall.
#pragma once

#include <cstdint>
#include <string>

#include "tools/weir/serve/stall_clock.h"
#include "weir/weir.h"

namespace weir::tools::serve {

/// Of one shard; summed for the line at the end.
struct StallReport {
  std::uint64_t stalls = 0;   ///< that have begun; of all shards together only
  std::uint64_t held = 0;     ///< reads whose answer waited for a stall's end
  Duration lateness_worst{};  ///< from a stall's end until the answer was given to the stream

  StallReport& operator+=(const StallReport& other) noexcept;
};

/// `9 stalls, 812 answers held back, the latest 0.083 ms after its stall's end`
[[nodiscard]] std::string summary_text(const StallReport& report);

/// `silent for the last 100 ms of every 1.0 s; the first stall begins 900 ms after READY, at
/// 16042.123456789 s of CLOCK_MONOTONIC`: for who wants to know the phase.
[[nodiscard]] std::string announcement_text(const StallClock& clock);

/// On every shard, until the listener has been drained. Listener: TcpListener or UnixListener. The
/// pointers outlive the task.
template <typename Listener>
Task<Result<ServeStats>> serve_stall(Listener* listener, StallClock clock, ServeOptions limits,
                                     StallReport* report);

}  // namespace weir::tools::serve
