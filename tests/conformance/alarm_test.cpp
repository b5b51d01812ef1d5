// The reactor's alarm, on each backend.
#include <chrono>

#include "tests/support/reactor_test.h"
#include "weir/core/runnable.h"

namespace weir::test {
namespace {

using reactor::Clock;

/// Notes when it goes off; sets itself again as often as it is told to.
class TestAlarm final : public Runnable {
 public:
  explicit TestAlarm(ReactorDriver& driver) : driver_(driver) {}

  void set(Clock::duration delay) {
    due = Clock::now() + delay;
    EXPECT_TRUE(driver_.reactor().set_alarm(due, *this));
  }
  void run() noexcept override {
    ++count;
    early = early || Clock::now() < due;
    if (again-- > 0) set(std::chrono::milliseconds(1));
  }

  int count = 0;
  int again = 0;
  bool early = false;
  Clock::time_point due{};

 private:
  ReactorDriver& driver_;
};

class AlarmTest : public ReactorTest {};
INSTANTIATE_TEST_SUITE_P(Backends, AlarmTest, each_backend(), backend_name);

TEST_P(AlarmTest, EndsAPollWithoutDeadlineWhenItsTimeHasCome) {
  TestAlarm alarm(driver());
  alarm.set(std::chrono::milliseconds(3));

  // Without the alarm this would hang, and the test's time limit would tell.
  while (alarm.count == 0) driver().turn(Clock::time_point::max());

  EXPECT_FALSE(alarm.early);
}

TEST_P(AlarmTest, GoesOffAtOnceIfItsTimeHasPassed) {
  TestAlarm alarm(driver());
  alarm.set(-std::chrono::seconds(5));

  while (alarm.count == 0) driver().turn(Clock::time_point::max());

  EXPECT_EQ(alarm.count, 1);
}

TEST_P(AlarmTest, GoesOffOnceEachTimeItIsSet) {
  TestAlarm alarm(driver());
  alarm.again = 4;
  alarm.set(std::chrono::milliseconds(1));

  while (alarm.count < 5) driver().turn(Clock::time_point::max());
  const auto later = Clock::now() + std::chrono::milliseconds(10);
  while (Clock::now() < later) driver().turn(later);

  EXPECT_EQ(alarm.count, 5);
  EXPECT_FALSE(alarm.early);
}

TEST_P(AlarmTest, IsForgottenWithTheReactor) {
  TestAlarm alarm(driver());
  alarm.set(std::chrono::hours(1));

  driver().turn();
  restart({});

  EXPECT_EQ(alarm.count, 0);
}

TEST_P(AlarmTest, CostsAPollThatItEndsNoDeadline) {
  TestAlarm alarm(driver());
  alarm.set(std::chrono::milliseconds(2));

  while (alarm.count == 0) driver().turn(Clock::time_point::max());

  // Setting it, sleeping until it, the turns around, and the sleep again each time that the end of
  // an earlier test's ring interrupts it; who does not sleep makes thousands.
  EXPECT_LE(driver().stats().system_calls, 12U);
  EXPECT_EQ(driver().stats().wakes, 0U);
}

}  // namespace
}  // namespace weir::test
