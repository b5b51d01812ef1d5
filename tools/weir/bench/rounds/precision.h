// When a case has been measured well enough, so that its other rounds can be left out.
//
//     wanted: half of an interval at most `precision`,
//             or at most half as far as the ratio is from its target
//
//       |--*--|  |           narrow: enough
//     |----*----|            |  target: wide, but far from it: enough
//          |----*-|--|       neither: another round
//
// What is asked is how wide an interval is, never which side of a target it is on: rounds that go
// on until a wanted result comes would find it by chance. Of a ratio that is far from its target
// the estimate may end a little too far from it, by a tenth of that distance.
#pragma once

#include "tools/weir/bench/rounds/suite_result.h"

namespace weir::tools::bench {

/// Fewer are not asked: the bootstrap's intervals of few rounds are too narrow to be believed, and
/// so are those of few starts of the servers.
inline constexpr unsigned precise_rounds_min = 24;
/// Where nobody says how many there may be.
inline constexpr unsigned precise_rounds_max_default = 96;

/// True if all ratios with a target (of a case that has none, all of its first metric) are as
/// above, and none is unstable. What A/A differs by counts as half of an interval if it is more, as
/// in the verdict. False if there is nothing to compare, and before `precise_rounds_min`.
///
/// \param result     as `compare_contenders` left it
/// \param precision  0.02: 2 %
[[nodiscard]] bool is_precise(const CaseResult& result, double precision);

}  // namespace weir::tools::bench
