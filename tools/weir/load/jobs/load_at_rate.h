// The load of a run, at another rate or for another time.
#pragma once

#include <chrono>

#include "tools/weir/load/cli/options.h"

namespace weir::tools::load {

/// `options` with a constant rate for `duration`; arrivals, connections and messages stay.
[[nodiscard]] Options load_at_rate(const Options& options, double rate,
                                   std::chrono::nanoseconds duration);

/// `options` for `duration`: what was to happen later does not.
[[nodiscard]] Options load_for(const Options& options, std::chrono::nanoseconds duration);

}  // namespace weir::tools::load
