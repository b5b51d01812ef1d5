#include "weir/core/sleep.h"

#include <chrono>
#include <random>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/backend_test.h"
#include "tests/support/seed.h"
#include "weir/core/deadline.h"
#include "weir/core/scope.h"

namespace weir {
namespace {

using ::testing::ElementsAre;

class SleepTest : public test::BackendTest {};
WEIR_ON_EACH_BACKEND(SleepTest);

TEST_P(SleepTest, NeverEndsEarly) {
  const auto ended = run([]() -> Task<void> {
    for (const auto microseconds : {1, 50, 300, 1000, 3000}) {
      const TimePoint deadline = Clock::now() + std::chrono::microseconds(microseconds);

      const Result<void> slept = co_await sleep_until(deadline);

      EXPECT_TRUE(slept);
      EXPECT_GE(Clock::now(), deadline);
    }
  });

  EXPECT_TRUE(ended);
}

TEST_P(SleepTest, UntilAPastTimeDoesNotSuspend) {
  const auto ended = run([]() -> Task<void> {
    const std::uint64_t before = Shard::current().stats().resumed;

    const Result<void> zero = co_await sleep_for(Duration::zero());
    const Result<void> negative = co_await sleep_for(Duration::min());
    const Result<void> past = co_await sleep_until(TimePoint::min());

    EXPECT_TRUE(zero && negative && past);
    EXPECT_EQ(Shard::current().stats().resumed, before);
  });

  EXPECT_TRUE(ended);
}

TEST_P(SleepTest, ForEverEndsByCancellationOnly) {
  const auto ended = run([]() -> Task<void> {
    Scope scope;
    scope.spawn([]() -> Task<void> {
      const Result<void> slept = co_await sleep_for(Duration::max());
      EXPECT_EQ(slept.error(), Error::cancelled);
    }());
    co_await yield();
    EXPECT_EQ(Shard::current().timers().size(), 0U);

    scope.cancel();
    co_await scope.join();
  });

  EXPECT_TRUE(ended);
}

TEST_P(SleepTest, CancelledLeavesNoTimerBehind) {
  const auto ended = run([]() -> Task<void> {
    Scope scope;
    scope.spawn([]() -> Task<void> {
      const Result<void> slept = co_await sleep_for(std::chrono::hours(1));
      EXPECT_EQ(slept.error(), Error::cancelled);
      const Result<void> again = co_await sleep_for(Duration::zero());
      EXPECT_EQ(again.error(), Error::cancelled);
    }());
    co_await yield();
    EXPECT_EQ(Shard::current().timers().size(), 1U);

    scope.cancel();
    EXPECT_EQ(Shard::current().timers().size(), 0U);
    co_await scope.join();
  });

  EXPECT_TRUE(ended);
}

TEST_P(SleepTest, ManySleepersAllWakeAndNoneEarly) {
  const test::Seed seed;
  SCOPED_TRACE(seed.text());

  const auto result = run([&]() -> Task<int> {
    std::mt19937_64 random(seed.value());
    int woken = 0;
    Scope scope;
    for (int sleeper = 0; sleeper < 5000; ++sleeper) {
      const TimePoint deadline = Clock::now() + Duration(random() % 10'000'000);
      scope.spawn([](TimePoint until, int* count) -> Task<void> {
        const Result<void> slept = co_await sleep_until(until);
        EXPECT_TRUE(slept);
        EXPECT_GE(Clock::now(), until);
        ++*count;
      }(deadline, &woken));
    }
    co_await scope.join();
    co_return woken;
  });

  EXPECT_EQ(*result, 5000);
}

Task<void> log_and_yield(int number, std::vector<int>* log) {
  for (int round = 0; round < 3; ++round) {
    log->push_back(number);
    co_await yield();
  }
}

TEST_P(SleepTest, YieldLetsTheOthersRunFirst) {
  const auto result = run([]() -> Task<std::vector<int>> {
    std::vector<int> log;
    Scope scope;
    for (int number = 1; number <= 3; ++number) scope.spawn(log_and_yield(number, &log));
    co_await scope.join();
    co_return log;
  });

  EXPECT_THAT(*result, ElementsAre(1, 2, 3, 1, 2, 3, 1, 2, 3));
}

TEST_P(SleepTest, YieldIsNoPointOfCancellation) {
  const auto ended = run([]() -> Task<void> {
    int rounds = 0;
    Scope scope;
    scope.spawn([](int* count) -> Task<void> {
      for (; *count < 10; ++*count) co_await yield();
    }(&rounds));
    co_await yield();

    scope.cancel();
    co_await scope.join();

    EXPECT_EQ(rounds, 10);
  });

  EXPECT_TRUE(ended);
}

TEST_P(SleepTest, TimersGoOnWhileOthersKeepTheShardBusy) {
  const auto ended = run([]() -> Task<void> {
    bool slept = false;
    Scope scope;
    scope.spawn([](bool* done) -> Task<void> {
      co_await sleep_for(std::chrono::milliseconds(1));
      *done = true;
    }(&slept));

    while (!slept) co_await yield();

    co_await scope.join();
  });

  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace weir
