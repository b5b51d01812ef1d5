// The load of a case by `weir load`, for what the hand-written clients don't do: connections that
// come and go, and latency at a given rate.
#pragma once

#include <string>
#include <vector>

#include "tools/weir/bench/rounds/suite_case.h"
#include "tools/weir/bench/suites/programs.h"

namespace weir::tools::bench {

/// A closed loop, or an open one whose rate is a part of what the slowest contender can do: latency
/// is compared at an equal rate, never at each server's own maximum.
class LoadClient : public CaseLoad {
 public:
  struct Choice {
    std::vector<std::string> flags{};  ///< of `weir load`
    double share_of_slowest = 0;       ///< 0: a closed loop
    std::chrono::milliseconds duration_min{0};
  };

  LoadClient(const Programs& programs, Choice choice);

  std::expected<void, std::string> prepare(std::vector<RunningContender>& contenders) override;
  CellOr run(RunningContender& server, std::chrono::milliseconds duration,
             CellObserver& observer) override;

 private:
  [[nodiscard]] CellOr load(RunningContender& server, std::chrono::milliseconds duration,
                            const std::vector<std::string>& mode, CellObserver& observer) const;

  std::string weir_;
  int cpu_;
  Choice choice_;
  std::string rate_{};
};

}  // namespace weir::tools::bench
