// How a ratio stands to what was wanted of it.
//
// The rule of all verdicts comes first: below six rounds, and where the machine was unstable, there
// is none. Then the ratio's own 95 % interval, or what A/A differs by if that is more, decides:
//
//     wanted: at most `target`        |  target
//       met                  |--*--|  |
//       met, within noise         |--*|--|
//       missed, within noise         -|-*--|
//       missed                        |  |--*--|
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/bench/rounds/suite_result.h"

namespace weir::tools::bench {

enum class TargetVerdict : std::uint8_t {
  met,
  met_within_noise,
  missed_within_noise,
  missed,
  too_few_rounds,
  unstable,
};

/// `met`, `met, within noise`, ...
[[nodiscard]] std::string_view to_text(TargetVerdict verdict) noexcept;

/// \param comparison  with a target: at most that of what is better low, else at least
[[nodiscard]] TargetVerdict judge(const SuiteComparison& comparison) noexcept;

/// How the median of a weir stands to an absolute limit of its case. Met or missed as it is: there
/// is nothing beside it that would tell noise.
struct JudgedLimit {
  std::string contender;
  AbsoluteLimit limit{};
  double median = 0;

  [[nodiscard]] bool is_met() const noexcept { return median <= limit.limit; }
};

/// One for each weir and limit that was measured.
[[nodiscard]] std::vector<JudgedLimit> judged_limits(const CaseResult& result);

}  // namespace weir::tools::bench
