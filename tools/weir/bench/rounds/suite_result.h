// What came of the cases of a suite.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/bench/rounds/contender.h"
#include "tools/weir/bench/rounds/metric.h"
#include "tools/weir/bench/rounds/suite_case.h"
#include "tools/weir/common/cpu_pair.h"
#include "tools/weir/load/stats/paired_comparison.h"

namespace weir::tools::bench {

struct ContenderResult {
  ContenderSpec spec;
  Samples samples{};
  std::optional<double> calls{};  ///< system calls a unit of work
};

/// How a ratio stands to what was wanted of it.
enum class TargetVerdict : std::uint8_t { met, met_within_noise, missed_within_noise, missed };

/// `met`, `met, within noise`, ...
[[nodiscard]] std::string_view to_text(TargetVerdict verdict) noexcept;

/// \param better  low: at most `limit` is wanted; high: at least
[[nodiscard]] TargetVerdict judge(const load::PairedRatio& ratio, double limit,
                                  load::BetterWhen better) noexcept;

/// One contender over another.
struct SuiteComparison {
  std::string numerator;
  std::string denominator;
  SuiteMetric metric = SuiteMetric::cpu;
  load::PairedRatio ratio{};
  /// Of the numerator. Without an A/A pair by the rule for none.
  load::ComparisonVerdict verdict = load::ComparisonVerdict::no_difference_shown;
  bool is_better_raw = false;  ///< the denominator is the better of the raw loops
  std::optional<double> target{};
};

struct CaseResult {
  CaseSpec spec;
  unsigned rounds = 0;
  std::vector<ContenderResult> contenders{};
  std::vector<SuiteComparison> comparisons{};
  std::vector<SuiteComparison> no_change{};  ///< A/A, one for each metric
  std::vector<std::string> notes{};
  std::string failure{};  ///< empty: it was measured
};

/// Over all cases of a suite: what each weir is to each library, in the geometric mean.
struct SuiteMean {
  std::string suite;
  std::string numerator;
  std::string denominator;
  SuiteMetric metric = SuiteMetric::cpu;
  double ratio = 1;
  std::size_t cases = 0;
  std::optional<double> target{};
};

struct SuiteResult {
  std::vector<CaseResult> cases{};
  std::vector<SuiteMean> means{};
  std::vector<std::string> left_out{};
  unsigned rounds = 0;
  std::chrono::milliseconds cell{};
  CpuPair cpus{};
  bool is_realtime = false;
};

}  // namespace weir::tools::bench
