// What this build is, for tests whose amount of work depends on it.
#pragma once

namespace weir::test {

/// Sanitizers and debug builds cost a multiple in time: tests that count do less there.
#ifdef WEIR_SLOW_ASSERTS
inline constexpr bool slow_build = true;
#else
inline constexpr bool slow_build = false;
#endif

}  // namespace weir::test
