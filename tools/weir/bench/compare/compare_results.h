// Two results of suites, perhaps of different days: what became slower?
//
// Times of different runs are not comparable: the machine was another one, or in another mood. What
// is compared is the ratio to the same raw loop within each run:
//
//     change = (weir / raw) now  over  (weir / raw) then
//
// with the intervals of both. It is a difference only if both had six rounds or more and were
// stable, its 95 % interval excludes 1, and it exceeds 2 % and what either run's A/A shows.
//
// What the first has and the second lacks is told as well: a case that fails is no slower, but
// nothing to be content with.
#pragma once

#include <expected>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "tools/weir/bench/rounds/metric.h"
#include "tools/weir/common/json_text.h"
#include "tools/weir/load/stats/paired_comparison.h"

namespace weir::tools::bench {

/// One ratio of a result.
struct StoredRatio {
  std::string case_name;  ///< "echo/64B-c64-d1"
  std::string numerator;
  std::string denominator;
  SuiteMetric metric = SuiteMetric::cpu;
  load::PairedRatio ratio{};
  double noise = 0;  ///< of A/A: half of its interval, or its effect if that is more
  bool is_unstable = false;
};

struct StoredCase {
  std::string suite;        ///< "echo"
  std::string name;         ///< "echo/64B-c64-d1"
  std::string description;  ///< as --only selects it
  std::string failure;      ///< empty: it was measured
};

/// What has to be equal for two results to say much: the machine, the build, how it was measured.
using Settings = std::map<std::string, std::string>;

struct StoredResult {
  std::vector<StoredCase> cases{};
  std::vector<StoredRatio> ratios{};  ///< of each weir to the raw loops
  Settings settings{};
};

/// The error is a sentence without a full stop. \param name  what it is, for the error
[[nodiscard]] std::expected<StoredResult, std::string> result_of(const Json& json,
                                                                 const std::string& name);

struct ResultChange {
  StoredRatio before;
  StoredRatio after;
  load::PairedRatio change{};  ///< after / before
  load::ComparisonVerdict verdict = load::ComparisonVerdict::no_difference_shown;
};

/// Of the ratios that both have, in the order of the first.
[[nodiscard]] std::vector<ResultChange> compare_results(const StoredResult& before,
                                                        const StoredResult& after);
/// A sentence for each case that failed or is missing in the second, and for each weir that is.
[[nodiscard]] std::vector<std::string> missing_results(const StoredResult& before,
                                                       const StoredResult& after);
/// What two results are compared by, as far as it is there: those of older versions have less.
[[nodiscard]] Settings settings_in(const Json& json);
/// A sentence for each difference that makes the two hard to compare.
[[nodiscard]] std::vector<std::string> different_settings(const Settings& before,
                                                          const Settings& after);
[[nodiscard]] bool is_slower(std::span<const ResultChange> changes) noexcept;
[[nodiscard]] std::string changes_text(std::span<const ResultChange> changes);

}  // namespace weir::tools::bench
