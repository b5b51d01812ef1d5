// Runs one case: rounds over all contenders in random order, each measured once a round. Every
// fourth round starts them anew, because where memory lands is noise, too.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "tools/weir/bench/rounds/suite_case.h"
#include "tools/weir/bench/rounds/suite_result.h"

namespace weir::tools::bench {

struct RoundPlan {
  unsigned rounds = 8;                ///< at most
  std::optional<double> precision{};  ///< fewer will do once the case `is_precise`; none: all
  std::chrono::milliseconds cell{150};
  std::uint64_t seed = 1;
};

/// Told before each cell.
using CaseProgress = std::function<void(unsigned round, unsigned rounds, std::string_view who)>;

/// A contender that fails ends the case: `failure` says what happened.
[[nodiscard]] CaseResult run_case(const CaseSpec& spec, const RoundPlan& plan,
                                  const CaseProgress& progress);

}  // namespace weir::tools::bench
