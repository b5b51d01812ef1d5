// Schedule: the requests of an open-loop load in the order in which they are due. What it says
// depends on its options alone: neither on the clock nor on how late the sender is.
//
// Several shards or machines share one schedule without talking to each other: each makes the whole
// and keeps every n-th, so that together they send exactly what one alone would.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>

#include "tools/weir/common/usage_error.h"
#include "tools/weir/load/plan/arrival.h"
#include "tools/weir/load/plan/rate_shape.h"
#include "tools/weir/load/plan/replay_trace.h"

namespace weir::tools::load {

struct Due {
  std::chrono::nanoseconds time;  ///< since the beginning
  std::uint64_t number;           ///< in the whole schedule, from 0
  std::optional<std::uint32_t> payload_bytes;

  bool operator==(const Due&) const = default;
};

/// The requests with `number % parts == part`.
struct SchedulePart {
  std::uint32_t part = 0;
  std::uint32_t parts = 1;
};

struct ScheduleLimits {
  std::chrono::nanoseconds duration = std::chrono::nanoseconds::max();  ///< due later: not sent
  std::uint64_t requests = UINT64_MAX;                                  ///< of all parts
};

/// Invariant: times never decrease
class Schedule {
 public:
  /// Ends with the shape, or earlier by `limits`.
  Schedule(RateShape shape, const Arrival& arrival, std::uint64_t seed,
           const SchedulePart& part = {}, const ScheduleLimits& limits = {});

  /// Ends with the trace, or earlier by `limits`.
  explicit Schedule(ReplayTrace trace, const SchedulePart& part = {},
                    const ScheduleLimits& limits = {});

  /// The next request of this part; `nullopt` at the end, and then for ever. A cost in proportion
  /// to `parts`, because it draws what the others send too.
  [[nodiscard]] std::optional<Due> next();

  /// Why a trace ended before its end, if it did.
  [[nodiscard]] const std::optional<UsageError>& error() const noexcept { return error_; }

 private:
  struct Shaped {
    RateShape shape;
    ArrivalProcess arrivals;
    std::size_t piece = 0;
  };

  [[nodiscard]] std::optional<Due> next_shaped(Shaped& shaped, std::uint64_t draws);
  [[nodiscard]] std::optional<Due> next_recorded(ReplayTrace& trace, std::uint64_t draws);
  [[nodiscard]] std::optional<Due> end() noexcept;

  std::variant<Shaped, ReplayTrace> source_;
  SchedulePart part_;
  ScheduleLimits limits_;
  std::uint64_t drawn_ = 0;  // of all parts
  std::uint64_t number_;     // of the next request of this one
  std::chrono::nanoseconds last_time_{};
  bool is_ended_ = false;
  std::optional<UsageError> error_;
};

}  // namespace weir::tools::load
