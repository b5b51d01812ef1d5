// StallClock: when `weir serve stall` answers nothing.
//
//     begin - (every - length)   begin     + length       begin + every
//     |  answers                 | silence |  answers      | silence |  ...
//
// The times follow from the clock alone, so all shards and connections agree on them and nothing
// that came late shifts what follows. No I/O; time comes in.
#pragma once

#include <cstdint>
#include <optional>

#include "weir/core/timer_queue.h"

namespace weir::tools::serve {

struct StallClock {
  Duration every{};   ///< from one stall's begin to the next's; above `length`
  Duration length{};  ///< of a stall; above zero
  TimePoint begin{};  ///< of the first stall

  /// The clock of a server that is ready at `ready`: each period ends with its stall, so the first
  /// begins `every - length` later and any window of whole periods from then on holds exactly its
  /// share of silence.
  [[nodiscard]] static StallClock starting_at(TimePoint ready, Duration every,
                                              Duration length) noexcept;

  /// When the stall that `time` is in is over; nothing between stalls. A stall's first instant is
  /// part of it and its end is not.
  [[nodiscard]] std::optional<TimePoint> end_of_stall_at(TimePoint time) const noexcept;

  /// How many stalls have begun by `time`.
  [[nodiscard]] std::uint64_t stalls_begun_by(TimePoint time) const noexcept;
};

}  // namespace weir::tools::serve
