// Rates and traces for tests of what plans requests.
#pragma once

#include <chrono>
#include <memory>
#include <sstream>
#include <string>

#include "tools/weir/load/plan/rate_shape.h"
#include "tools/weir/load/plan/replay_trace.h"

namespace weir::tools::load {

inline RateShape constant(double rate, std::chrono::nanoseconds duration) {
  return {{rate, rate}, duration};
}

/// A trace that calls itself `t`.
inline ReplayTrace trace_of(const std::string& text) {
  return {std::make_unique<std::istringstream>(text), "t"};
}

}  // namespace weir::tools::load
