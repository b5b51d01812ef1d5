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
#include <string_view>

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

}  // namespace weir::tools::bench
