// A second of a run like any other, and one whose numbers no run will ever have.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

#include "tools/weir/load/screen/progress.h"

namespace weir::tools::load {

inline ProgressSample example_sample() {
  using namespace std::chrono_literals;
  return {.phase = Phase::measured,
          .elapsed = 32s,
          .duration = 60s,
          .offered_rate = 20'013,
          .offered_rate_run = 20'001,
          .rate = 20'009,
          .rate_run = 20'000,
          .p50 = 61us,
          .p99 = 212us,
          .p999 = 1100us,
          .max = 1200us,
          .p50_run = 60us,
          .p99_run = 198us,
          .p999_run = 930us,
          .send_lag_p99 = 19us,
          .in_flight = 12,
          .generator_cpu_share = 0.41,
          .steal_share = 0.002};
}

inline ProgressSample astronomic_sample() {
  constexpr auto time = std::chrono::nanoseconds::max();
  constexpr auto rate = std::numeric_limits<double>::max();
  constexpr auto count = std::numeric_limits<std::uint64_t>::max();
  return {.phase = Phase::measured,
          .elapsed = time,
          .duration = time,
          .offered_rate = rate,
          .offered_rate_run = rate,
          .rate = rate,
          .rate_run = std::numeric_limits<double>::infinity(),
          .p50 = time,
          .p99 = time,
          .p999 = time,
          .max = time,
          .p50_run = time,
          .p99_run = time,
          .p999_run = time,
          .send_lag_p99 = time,
          .in_flight = count,
          .queued = count,
          .errors = count,
          .timeouts = count,
          .dropped = count,
          .lost = count,
          .generator_cpu_share = rate,
          .steal_share = std::numeric_limits<double>::quiet_NaN()};
}

}  // namespace weir::tools::load
