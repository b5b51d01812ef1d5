// What came of the cases of a suite.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/bench/options.h"
#include "tools/weir/bench/rounds/cell_latency.h"
#include "tools/weir/bench/rounds/contender.h"
#include "tools/weir/bench/rounds/metric.h"
#include "tools/weir/bench/rounds/suite_case.h"
#include "tools/weir/common/cpu_pair.h"
#include "tools/weir/common/machine.h"
#include "tools/weir/common/machine_moment.h"
#include "tools/weir/doctor/limits.h"
#include "tools/weir/load/stats/paired_comparison.h"

namespace weir::tools::bench {

struct ContenderResult {
  ContenderSpec spec;
  Samples samples{};
  std::optional<double> calls{};         ///< system calls a unit of work
  std::optional<CellLatency> latency{};  ///< of all rounds

  void add_latency(const CellLatency& of_a_round) {
    if (latency) {
      latency->samples.merge(of_a_round.samples);
    } else {
      latency = of_a_round;
    }
  }
};

/// One contender over another.
struct SuiteComparison {
  std::string numerator;
  std::string denominator;
  SuiteMetric metric = SuiteMetric::cpu;
  load::PairedRatio ratio{};
  /// Of the numerator. Without an A/A pair by the rule for none.
  load::ComparisonVerdict verdict = load::ComparisonVerdict::no_difference_shown;
  double noise = 0;            ///< of A/A (`PairedRatio::noise`); 0 without that pair
  bool is_better_raw = false;  ///< the denominator is the better of the raw loops
  std::optional<double> target{};

  [[nodiscard]] bool has_too_few_rounds() const noexcept {
    return ratio.pairs < load::comparison_rounds_min;
  }
};

struct CaseResult {
  CaseSpec spec;
  unsigned rounds = 0;
  std::vector<ContenderResult> contenders{};
  std::vector<SuiteComparison> comparisons{};
  std::vector<SuiteComparison> no_change{};  ///< A/A, one for each metric
  std::vector<std::string> notes{};
  std::string failure{};  ///< empty: it was measured
  std::string command{};  ///< that measures this case again
};

/// Over all cases of a suite, in the geometric mean: what each weir is to each library, and what
/// the better raw loop of each case is to it, so that one sees what a bare loop reaches.
struct SuiteMean {
  std::string suite;
  SuiteComparison comparison;
  std::size_t cases = 0;   ///< that the mean is over
  std::size_t failed = 0;  ///< of the suite, which are left out
};

struct SuiteResult {
  std::vector<CaseResult> cases{};
  std::vector<SuiteMean> means{};
  std::vector<std::string> left_out{};
  Effort effort = Effort::quick;
  unsigned rounds = 0;                ///< of each case, at most
  std::optional<double> precision{};  ///< with which a case had rounds enough
  std::chrono::milliseconds cell{};
  CpuPair cpus{};
  bool is_realtime = false;
  Machine machine{};  ///< before this process pinned itself
  MachineMoment before{};
  MachineMoment after{};
  std::vector<doctor::LimitFinding> noise{};  ///< what `weir bench doctor` said before it began
};

}  // namespace weir::tools::bench
