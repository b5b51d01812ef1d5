#include "weir/core/semaphore.h"

#include <algorithm>
#include <cstddef>
#include <random>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/backend_test.h"
#include "tests/support/seed.h"
#include "weir/core/deadline.h"
#include "weir/core/scope.h"
#include "weir/core/sleep.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SemaphoreTest : public test::BackendTest {};
WEIR_ON_EACH_BACKEND(SemaphoreTest);

constexpr int cancelled_take_mark = -1000;

/// Takes `count` and keeps them; logs the count when it has them.
Task<void> take(Semaphore* semaphore, std::size_t count, std::vector<int>* log) {
  const Result<void> taken = co_await semaphore->acquire(count);
  log->push_back(static_cast<int>(count) + (taken ? 0 : cancelled_take_mark));
}

TEST_P(SemaphoreTest, GivesWhatIsThereAtOnce) {
  const auto ended = run([]() -> Task<void> {
    Semaphore semaphore(3);

    const Result<void> two = co_await semaphore.acquire(2);
    const Result<void> one = co_await semaphore.acquire();

    EXPECT_TRUE(two && one);
    EXPECT_EQ(semaphore.available(), 0U);
    EXPECT_FALSE(semaphore.try_acquire());
    semaphore.release(3);
    EXPECT_TRUE(semaphore.try_acquire(2));
    EXPECT_EQ(semaphore.available(), 1U);
  });

  EXPECT_TRUE(ended);
}

TEST_P(SemaphoreTest, IsFairEvenToALargeRequest) {
  const auto result = run([]() -> Task<std::vector<int>> {
    std::vector<int> log;
    Semaphore semaphore(0);
    Scope scope;
    for (const std::size_t count : {2U, 5U, 1U}) scope.spawn(take(&semaphore, count, &log));
    co_await yield();

    semaphore.release(2);
    co_await yield();
    EXPECT_THAT(log, ElementsAre(2));
    semaphore.release(4);  // enough for the last, which does not overtake
    co_await yield();
    EXPECT_THAT(log, ElementsAre(2));
    EXPECT_FALSE(semaphore.try_acquire());
    EXPECT_EQ(semaphore.available(), 4U);
    semaphore.release(2);
    co_await scope.join();

    EXPECT_EQ(semaphore.available(), 0U);
    co_return log;
  });

  EXPECT_THAT(*result, ElementsAre(2, 5, 1));
}

TEST_P(SemaphoreTest, ACancelledWaiterLetsThoseBehindItGo) {
  const auto result = run([]() -> Task<std::vector<int>> {
    std::vector<int> log;
    Semaphore semaphore(2);
    Scope large;
    Scope small;
    large.spawn(take(&semaphore, 5, &log));
    co_await yield();
    small.spawn(take(&semaphore, 1, &log));
    small.spawn(take(&semaphore, 1, &log));
    co_await yield();
    EXPECT_THAT(log, IsEmpty());

    large.cancel();
    co_await large.join();
    co_await small.join();

    EXPECT_EQ(semaphore.available(), 0U);
    co_return log;
  });

  EXPECT_THAT(*result, ElementsAre(5 + cancelled_take_mark, 1, 1));
}

TEST_P(SemaphoreTest, CancellingAllOfThemTakesNothing) {
  const auto result = run([]() -> Task<std::vector<int>> {
    std::vector<int> log;
    Semaphore semaphore(1);
    Scope scope;
    for (const std::size_t count : {3U, 1U, 1U}) scope.spawn(take(&semaphore, count, &log));
    co_await yield();

    scope.cancel();
    co_await scope.join();

    // Leaving one after the other, the first makes room for the second before that is asked in
    // turn.
    const auto taken = static_cast<std::size_t>(std::count(log.begin(), log.end(), 1));
    EXPECT_EQ(semaphore.available(), 1 - taken);
    co_return log;
  });

  EXPECT_EQ(result->size(), 3U);
}

TEST_P(SemaphoreTest, WhatWasGivenCannotBeCancelled) {
  const auto result = run([]() -> Task<std::vector<int>> {
    std::vector<int> log;
    Semaphore semaphore(0);
    Scope scope;
    scope.spawn(take(&semaphore, 1, &log));
    co_await yield();

    semaphore.release();
    scope.cancel();
    co_await scope.join();

    EXPECT_EQ(semaphore.available(), 0U);
    co_return log;
  });

  EXPECT_THAT(*result, ElementsAre(1));
}

TEST_P(SemaphoreTest, APermitGoesBackByItself) {
  const auto ended = run([]() -> Task<void> {
    Semaphore semaphore(2);

    {
      Result<Semaphore::Permit> permit = co_await semaphore.acquire_permit(2);
      EXPECT_TRUE(permit);
      EXPECT_EQ(semaphore.available(), 0U);
      const Semaphore::Permit moved = std::move(*permit);
      permit->release();  // NOLINT(bugprone-use-after-move): it has none any more
      EXPECT_EQ(semaphore.available(), 0U);
    }
    EXPECT_EQ(semaphore.available(), 2U);

    Result<Semaphore::Permit> early = co_await semaphore.acquire_permit();
    early->release();
    early->release();
    EXPECT_EQ(semaphore.available(), 2U);
  });

  EXPECT_TRUE(ended);
}

TEST_P(SemaphoreTest, ACancelledPermitIsNone) {
  const auto result = run([]() -> Task<std::error_code> {
    Semaphore semaphore(1);

    const Result<Semaphore::Permit> permit =
        co_await with_timeout(Duration(1), semaphore.acquire_permit(2));

    EXPECT_EQ(semaphore.available(), 1U);
    co_return permit.error();
  });

  EXPECT_EQ(*result, Error::deadline_exceeded);
}

struct Usage {
  std::size_t held = 0;
  std::size_t held_max = 0;
  std::size_t given = 0;
};

Task<void> use_again_and_again(Semaphore* semaphore, Usage* usage, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  for (int round = 0; round < 50; ++round) {
    const std::size_t count = 1 + random() % 4;
    // Half of them give up at some time.
    const Duration timeout = random() % 2 == 0 ? Duration::max() : Duration(random() % 50'000);
    const Result<Semaphore::Permit> permit =
        co_await with_timeout(timeout, semaphore->acquire_permit(count));
    if (!permit) continue;
    usage->held += count;
    usage->held_max = std::max(usage->held_max, usage->held);
    ++usage->given;
    for (std::uint64_t pause = random() % 4; pause > 0; --pause) co_await yield();
    usage->held -= count;
  }
}

TEST_P(SemaphoreTest, LosesNoPermitUnderManyUsersThatGiveUp) {
  const test::Seed seed;
  SCOPED_TRACE(seed.text());

  const auto result = run([&]() -> Task<Usage> {
    Usage usage;
    Semaphore semaphore(5);
    Scope scope;
    for (std::uint64_t user = 0; user < 40; ++user) {
      scope.spawn(use_again_and_again(&semaphore, &usage, seed.value() + user));
    }
    co_await scope.join();

    EXPECT_EQ(semaphore.available(), 5U);
    co_return usage;
  });

  EXPECT_EQ(result->held, 0U);
  EXPECT_LE(result->held_max, 5U);
  EXPECT_GT(result->given, 0U);
}

}  // namespace
}  // namespace weir
