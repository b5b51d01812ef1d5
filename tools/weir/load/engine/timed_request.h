// A request on its way through the generator: latency_set.h draws its times.
#pragma once

#include <cstdint>
#include <optional>

#include "weir/core/timer_queue.h"

namespace weir::tools::load {

struct TimedRequest {
  TimePoint due{};   ///< in a closed loop when a connection was free for it
  TimePoint free{};  ///< not before `due`
  TimePoint sent{};
  std::uint64_t number = 0;                      ///< of the run
  std::optional<std::uint32_t> payload_bytes{};  ///< that a trace names
  bool is_measured = false;                      ///< else of the warm-up
};

}  // namespace weir::tools::load
