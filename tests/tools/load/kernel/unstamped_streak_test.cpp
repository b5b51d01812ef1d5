#include "tools/weir/load/kernel/unstamped_streak.h"

#include <chrono>

#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint streak_start{1h};

/// Adds answers an `interval` apart. \returns  the number of the one that made it give up, or 0
unsigned answers_until_end(UnstampedStreak& streak, Duration interval, unsigned answers_max) {
  TimePoint now = streak_start;
  for (unsigned number = 1; number <= answers_max; ++number, now += interval) {
    if (streak.add(now)) return number;
  }
  return 0;
}

TEST(UnstampedStreak, ManyAnswersAtOnceAreNoReasonToGiveUp) {
  UnstampedStreak streak;

  EXPECT_EQ(answers_until_end(streak, 0ms, 100'000), 0U);
}

TEST(UnstampedStreak, AFewAnswersInALongTimeAreNoReasonToGiveUp) {
  UnstampedStreak streak;

  EXPECT_EQ(answers_until_end(streak, 1h, UnstampedStreak::answers_min - 1), 0U);
}

TEST(UnstampedStreak, GivesUpWhenBothAnswersAndTimeAreOver) {
  struct Streak {
    Duration interval;
    unsigned answers;
  };
  for (const Streak& c : {Streak{1h, 20}, Streak{200ms, 20}, Streak{100ms, 21}, Streak{50ms, 41},
                          Streak{1ms, 2001}}) {
    SCOPED_TRACE(c.interval.count());
    UnstampedStreak streak;

    EXPECT_EQ(answers_until_end(streak, c.interval, 10'000), c.answers);
  }
}

TEST(UnstampedStreak, AStampedAnswerBeginsBothAnew) {
  UnstampedStreak streak;
  for (unsigned i = 0; i < 1000; ++i) EXPECT_FALSE(streak.add(streak_start));

  streak.end();

  EXPECT_FALSE(streak.add(streak_start + 1h));
  for (unsigned i = 2; i < UnstampedStreak::answers_min; ++i) {
    EXPECT_FALSE(streak.add(streak_start + 2h));
  }
  EXPECT_TRUE(streak.add(streak_start + 2h));
}

}  // namespace
}  // namespace weir::tools::load
