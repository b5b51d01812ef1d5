// The latencies of a cell and, merged over the rounds, those of a contender.
#pragma once

#include <cstdint>
#include <string_view>

#include "tools/weir/load/stats/censored_histogram.h"

namespace weir::tools::bench {

/// Since when a latency counts.
enum class LatencyStart : std::uint8_t {
  /// When the request was sent. In a closed loop a server that stalls delays requests that it has
  /// not even got yet, and those are missing here: coordinated omission.
  sent,
  due,  ///< when the request was due: a stall shows in all that it delayed
};

/// As `weir load` names them in its JSON: `service`, `response`.
[[nodiscard]] constexpr std::string_view to_text(LatencyStart start) noexcept {
  return start == LatencyStart::due ? "response" : "service";
}

struct CellLatency {
  LatencyStart start = LatencyStart::sent;
  load::CensoredHistogram samples{};
};

}  // namespace weir::tools::bench
