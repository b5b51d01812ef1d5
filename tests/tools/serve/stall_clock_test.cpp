#include "tools/weir/serve/stall_clock.h"

#include <chrono>

#include <gtest/gtest.h>

namespace weir::tools::serve {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

const TimePoint ready = TimePoint(std::chrono::seconds(1000));
const StallClock stalls = StallClock::starting_at(ready, milliseconds(1000), milliseconds(100));

TEST(StallClock, EachPeriodFromReadyOnEndsWithItsStall) {
  struct Vector {
    nanoseconds after_ready;
    nanoseconds end;  // zero: no stall
  };
  const milliseconds none(0);
  for (const Vector& v :
       {Vector{nanoseconds(0), none}, Vector{nanoseconds(899'999'999), none},
        Vector{milliseconds(900), milliseconds(1000)},
        Vector{nanoseconds(999'999'999), milliseconds(1000)}, Vector{milliseconds(1000), none},
        Vector{milliseconds(1899), none}, Vector{milliseconds(1900), milliseconds(2000)},
        Vector{milliseconds(3'599'950), milliseconds(3'600'000)}}) {
    SCOPED_TRACE(v.after_ready.count());

    const auto end = stalls.end_of_stall_at(ready + v.after_ready);

    ASSERT_EQ(end.has_value(), v.end != none);
    EXPECT_EQ(end.value_or(ready), ready + v.end);
  }
}

TEST(StallClock, CountsTheStallsThatHaveBegun) {
  EXPECT_EQ(stalls.stalls_begun_by(ready), 0U);
  EXPECT_EQ(stalls.stalls_begun_by(ready + nanoseconds(899'999'999)), 0U);
  EXPECT_EQ(stalls.stalls_begun_by(ready + milliseconds(900)), 1U);
  EXPECT_EQ(stalls.stalls_begun_by(ready + milliseconds(1000)), 1U);
  EXPECT_EQ(stalls.stalls_begun_by(ready + milliseconds(10'000)), 10U);
}

TEST(StallClock, AWindowOfWholePeriodsHoldsItsShareOfSilenceWhereverItBegins) {
  for (int begin_ms = 0; begin_ms < 1000; begin_ms += 50) {
    SCOPED_TRACE(begin_ms);
    int silent = 0;

    for (int ms = 0; ms < 3000; ++ms) {
      if (stalls.end_of_stall_at(ready + milliseconds(begin_ms + ms))) ++silent;
    }

    EXPECT_EQ(silent, 300);
  }
}

}  // namespace
}  // namespace weir::tools::serve
