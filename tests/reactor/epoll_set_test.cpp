// Deadlines as the two epoll waits take them.
#include "reactor/epoll/epoll_set.h"

#include <chrono>
#include <limits>

#include <gtest/gtest.h>

namespace weir::reactor {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

TEST(EpollSet, PassedDeadlinesAreNoTime) {
  for (const auto deadline :
       {Clock::time_point{}, Clock::time_point::min(), Clock::now() - milliseconds(1)}) {
    EXPECT_EQ(time_until(deadline).tv_sec, 0);
    EXPECT_EQ(time_until(deadline).tv_nsec, 0);
    EXPECT_EQ(milliseconds_until(deadline), 0);
  }
}

TEST(EpollSet, MillisecondsAreRoundedUp) {
  const auto now = Clock::now();

  EXPECT_EQ(milliseconds_until(now + milliseconds(500) + nanoseconds(1)) > 400, true);
  // A nanosecond is a millisecond, unless it passed before it was looked at.
  EXPECT_LE(milliseconds_until(Clock::now() + nanoseconds(1)), 1);
  const timespec rest = time_until(Clock::now() + hours(1));
  EXPECT_EQ(rest.tv_sec, 3599);
  EXPECT_EQ(milliseconds_until(Clock::now() + hours(1)) > 3'590'000, true);
}

TEST(EpollSet, NoDeadlineIsEndlessAndAFarOneDoesNotOverflow) {
  EXPECT_EQ(milliseconds_until(Clock::time_point::max()), -1);
  EXPECT_GT(milliseconds_until(Clock::now() + hours(24 * 365)),
            std::numeric_limits<int>::max() - 2000);
}

TEST(EpollSet, WaitInMillisecondsDoesNotReturnBeforeItsDeadline) {
  auto set = EpollSet::open().value();
  std::array<epoll_event, EpollSet::events_max> events;
  std::uint64_t system_calls = 0;
  set.use_milliseconds();

  for (const auto wait : {nanoseconds(1), nanoseconds(999'999), nanoseconds(2'000'001)}) {
    const auto deadline = Clock::now() + wait;
    EXPECT_TRUE(set.wait(deadline, events, system_calls).empty());
    EXPECT_GE(Clock::now(), deadline);
  }

  // One each, and one more for each time that the end of an earlier test's ring interrupts it; who
  // does not sleep makes thousands.
  EXPECT_LE(system_calls, 12U);
}

}  // namespace
}  // namespace weir::reactor
