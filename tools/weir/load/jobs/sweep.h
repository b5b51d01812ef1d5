// The latency-throughput curve of a server: a run at each of several rates, from the lowest up.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "tools/weir/load/jobs/runner.h"

namespace weir::tools::load {

enum class SweepEnd : std::uint8_t {
  complete,
  saturated,          ///< two rates in a row were more than the server could do; no more were tried
  nothing_succeeded,  ///< the first rate got no answer at all
  interrupted,
};

struct SweepResult {
  SweepEnd end = SweepEnd::complete;
  std::vector<LoadReport> reports{};  ///< one a rate, in ascending order; a partial one if
                                      ///< interrupted, unless it measured nothing
  std::vector<double> left_out{};     ///< rates that were not tried
};

/// \param rates  in any order; twice the same is once
/// \param told   of each run, when it is over
/// \returns      the error of the runner
[[nodiscard]] std::expected<SweepResult, std::string> sweep(
    const Options& options, std::vector<double> rates, const Runner& run,
    const std::function<void(const LoadReport&)>& told);

}  // namespace weir::tools::load
