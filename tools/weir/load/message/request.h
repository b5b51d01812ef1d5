// One request: what the load knows when it is made, and what is kept until it is answered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "weir/core/timer_queue.h"

namespace weir::tools::load {

/// What the load knows about the next request.
struct RequestFacts {
  std::uint64_t number = 0;                    ///< another one for each request of a connection
  TimePoint due{};                             ///< the intended send time
  std::optional<std::size_t> payload_bytes{};  ///< a replayed trace names it
};

/// What is kept of a request until its answer came.
struct Request {
  std::uint64_t number = 0;
  std::size_t payload_bytes = 0;
  std::int64_t unix_time_ns = 0;  ///< when it was due, for payloads that say so; else 0
};

}  // namespace weir::tools::load
