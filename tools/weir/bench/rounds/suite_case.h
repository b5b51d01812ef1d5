// One case of a suite: who takes part, what each of them has to do, and what is compared.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/weir/bench/rounds/cell_latency.h"
#include "tools/weir/bench/rounds/cell_observer.h"
#include "tools/weir/bench/rounds/contender.h"
#include "tools/weir/bench/rounds/metric.h"

namespace weir::tools::bench {

/// What one cell found, besides what the observer saw.
struct Cell {
  double units = 0;  ///< of work that the server did
  std::vector<std::pair<SuiteMetric, double>> values{};
  std::optional<CellLatency> latency{};  ///< where requests are answered
  std::string note{};                    ///< what a reader has to know of it; mostly nothing
};

using CellOr = std::expected<Cell, std::string>;

/// The load of a case.
class CaseLoad {
 public:
  CaseLoad() = default;
  CaseLoad(const CaseLoad&) = delete;
  CaseLoad& operator=(const CaseLoad&) = delete;
  virtual ~CaseLoad() = default;

  /// Called once, when all have been started for the first time. The error ends the case.
  [[nodiscard]] virtual std::expected<void, std::string> prepare(
      std::vector<RunningContender>& contenders) {
    (void)contenders;
    return {};
  }
  /// One cell. `observer` is told when the server sleeps before and after what is measured.
  [[nodiscard]] virtual CellOr run(RunningContender& server, std::chrono::milliseconds duration,
                                   CellObserver& observer) = 0;
};

/// What is wanted of weir over another, as a limit for the ratio of their values: at most that for
/// what is better low, at least that for a rate.
struct CaseTargets {
  std::optional<double> default_over_raw{};   ///< the first weir over the better raw loop
  std::optional<double> own_over_raw{};       ///< each weir over the raw loop of its own backend
  std::optional<double> over_library{};       ///< each weir over each library
  std::optional<double> over_write_each{};    ///< each weir over a server that writes per message
  std::optional<double> mean_over_library{};  ///< the same, over all cases of the suite
};

struct ComparedMetric {
  SuiteMetric metric = SuiteMetric::cpu;
  CaseTargets targets{};
};

/// At most so much in the median, for each weir.
struct AbsoluteLimit {
  SuiteMetric metric = SuiteMetric::memory;
  double limit = 0;
};

struct CaseSpec {
  std::string suite;
  std::string name;   ///< "64B-c64"
  std::string title;  ///< "64 B, 64 connections, depth 1"
  std::string unit;   ///< of work: "request", "MiB", "datagram", "connection"
  std::vector<ContenderSpec> contenders{};
  std::vector<ComparedMetric> compared{};  ///< the first is what the case is about
  std::vector<AbsoluteLimit> limits{};
  std::shared_ptr<CaseLoad> load{};
  unsigned rounds_max = UINT32_MAX;  ///< for cases that take long
  /// Its load polls the clock, which the kernel stops at real-time priority for a part of each
  /// second (sched(7), sched_rt_runtime_us).
  bool wants_ordinary_priority = false;
  bool is_fresh_each_round = false;  ///< started anew each round: where memory is measured
};

}  // namespace weir::tools::bench
