#include "tools/weir/serve/work_clock.h"

#include <chrono>

#include <gtest/gtest.h>

namespace weir::tools::serve {
namespace {

using std::chrono::microseconds;

TimePoint at(int us) { return TimePoint(std::chrono::seconds(10) + microseconds(us)); }

TEST(WorkClock, ARequestBeginsWhenItArrivesOrWhenTheOneBeforeIsDue) {
  WorkClock clock;

  EXPECT_EQ(clock.begin(at(0), microseconds(100)), at(100));
  clock.end(at(100));
  EXPECT_EQ(clock.begin(at(30), microseconds(100)), at(200));
  clock.end(at(200));
  EXPECT_EQ(clock.begin(at(500), microseconds(50)), at(550));
  clock.end(at(550));

  EXPECT_EQ(clock.requests(), 3U);
  EXPECT_EQ(clock.elapsed(), microseconds(550));
  EXPECT_DOUBLE_EQ(clock.utilisation(), 250.0 / 550);
}

TEST(WorkClock, ALateEndShiftsNothingAfterIt) {
  WorkClock clock;
  (void)clock.begin(at(0), microseconds(100));
  clock.end(at(107));

  const TimePoint due = clock.begin(at(20), microseconds(100));
  clock.end(at(200));

  EXPECT_EQ(due, at(200));
  EXPECT_EQ(clock.lateness_worst(), microseconds(7));
  EXPECT_DOUBLE_EQ(clock.measured_mean_us(), 100);  // 107 and 93
  EXPECT_NEAR(clock.measured_cv(), 0.099, 0.001);
}

TEST(WorkClock, WithoutARequestThereIsNothingToTell) {
  const WorkClock clock;

  EXPECT_EQ(clock.elapsed(), Duration::zero());
  EXPECT_EQ(clock.utilisation(), 0);
  EXPECT_EQ(clock.measured_cv(), 0);
}

TEST(WorkClock, SumsUp) {
  WorkClock clock;
  (void)clock.begin(at(0), microseconds(100));
  clock.end(at(101));
  (void)clock.begin(at(900), microseconds(100));
  clock.end(at(1001));

  EXPECT_EQ(summary_text(clock, 5),
            "2 requests, busy 20.0 % of 0.00 s, longest queue 5, service 101.0 us on average "
            "(drawn 100.0, CV 0.000), the latest answer 0.001 ms late");
}

}  // namespace
}  // namespace weir::tools::serve
