#include "weir/core/scope.h"

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/awaited_tasks.h"
#include "tests/support/backend_test.h"
#include "weir/core/deadline.h"
#include "weir/core/event.h"
#include "weir/core/sleep.h"

namespace weir {
namespace {

using test::until_cancelled;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ScopeTest : public test::BackendTest {};
WEIR_ON_EACH_BACKEND(ScopeTest);

Task<void> log_after(int rounds, int number, std::vector<int>* log) {
  for (; rounds > 0; --rounds) co_await yield();
  log->push_back(number);
}

Task<Result<void>> fail_after(int rounds, Error error) {
  for (; rounds > 0; --rounds) co_await yield();
  co_return fail(error);
}

Task<void> throw_after(int rounds, std::string message) {
  for (; rounds > 0; --rounds) co_await yield();
  throw std::runtime_error(message);
}

TEST_P(ScopeTest, JoinsWhenAllHaveEnded) {
  const auto result = run([]() -> Task<std::vector<int>> {
    std::vector<int> log;
    Scope scope;
    for (const int number : {3, 1, 2}) scope.spawn(log_after(number, number, &log));
    EXPECT_EQ(scope.running(), 3U);
    EXPECT_THAT(log, IsEmpty());  // not inside spawn()

    const Result<void> ended = co_await scope.join();

    EXPECT_TRUE(ended);
    EXPECT_EQ(scope.running(), 0U);
    co_return log;
  });

  EXPECT_THAT(*result, ElementsAre(1, 2, 3));
}

TEST_P(ScopeTest, JoinsAtOnceWhenNothingRuns) {
  const auto ended = run([]() -> Task<Result<void>> {
    Scope scope;
    const Result<void> first = co_await scope.join();
    EXPECT_TRUE(first);
    co_return co_await scope.join();
  });

  EXPECT_TRUE(ended);
}

TEST_P(ScopeTest, ReportsTheFirstErrorAfterAllHaveEnded) {
  const auto ended = run([]() -> Task<void> {
    std::vector<int> log;
    Scope scope;
    scope.spawn(fail_after(3, Error::busy));
    scope.spawn(fail_after(1, Error::closed));
    scope.spawn(log_after(5, 5, &log));

    const Result<void> first = co_await scope.join();
    EXPECT_EQ(first.error(), Error::closed);
    EXPECT_THAT(log, ElementsAre(5));

    scope.spawn(log_after(0, 0, &log));
    const Result<void> second = co_await scope.join();
    EXPECT_TRUE(second);
  });

  EXPECT_TRUE(ended);
}

TEST_P(ScopeTest, RethrowsTheFirstExceptionAfterAllHaveEnded) {
  const auto ended = run([]() -> Task<void> {
    std::vector<int> log;
    Scope scope;
    scope.spawn(throw_after(3, "second"));
    scope.spawn(throw_after(1, "first"));
    scope.spawn(fail_after(0, Error::busy));
    scope.spawn(log_after(5, 5, &log));

    std::string caught;
    try {
      co_await scope.join();
    } catch (const std::runtime_error& error) {
      caught = error.what();
    }
    EXPECT_EQ(caught, "first");
    EXPECT_THAT(log, ElementsAre(5));

    const Result<void> again = co_await scope.join();
    EXPECT_TRUE(again);  // one join reports all that came before it
  });

  EXPECT_TRUE(ended);
}

Task<void> spawn_sibling(Scope* scope, int generations, std::vector<int>* log) {
  co_await yield();
  log->push_back(generations);
  if (generations > 0) scope->spawn(spawn_sibling(scope, generations - 1, log));
}

TEST_P(ScopeTest, MayBeSpawnedIntoWhileItIsJoined) {
  const auto result = run([]() -> Task<std::vector<int>> {
    std::vector<int> log;
    Scope scope;
    scope.spawn(spawn_sibling(&scope, 3, &log));

    co_await scope.join();

    co_return log;
  });

  EXPECT_THAT(*result, ElementsAre(3, 2, 1, 0));
}

TEST_P(ScopeTest, WaitsAgainWhenSpawnedIntoBetweenTheLastEndAndTheJoin) {
  const auto result = run([]() -> Task<std::vector<int>> {
    std::vector<int> log;
    Scope outer;
    Scope scope;
    Event last_ends;
    scope.spawn([](Event* event) -> Task<void> { co_await event->wait(); }(&last_ends));
    // Runs right after the last child has ended and before the joining task does.
    outer.spawn([](Event* event, Scope* into, std::vector<int>* at) -> Task<void> {
      co_await event->wait();
      EXPECT_EQ(into->running(), 0U);
      into->spawn(log_after(4, 1, at));
    }(&last_ends, &scope, &log));
    outer.spawn([](Event* event) -> Task<void> {
      event->set();
      co_return;
    }(&last_ends));

    co_await scope.join();
    log.push_back(2);
    co_await outer.join();

    co_return log;
  });

  EXPECT_THAT(*result, ElementsAre(1, 2));
}

TEST_P(ScopeTest, CancelReachesItsChildrenAndThoseStillToCome) {
  const auto ended = run([]() -> Task<void> {
    Scope scope;
    Scope other;
    std::vector<int> log;
    scope.spawn(until_cancelled());
    other.spawn(log_after(3, 1, &log));
    co_await yield();

    scope.cancel(Error::shutting_down);
    EXPECT_TRUE(scope.cancelled());
    const Result<void> first = co_await scope.join();
    EXPECT_EQ(first.error(), Error::shutting_down);

    scope.spawn(until_cancelled());
    const Result<void> late = co_await scope.join();
    EXPECT_EQ(late.error(), Error::shutting_down);
    EXPECT_FALSE(other.cancelled());
    co_await other.join();
  });

  EXPECT_TRUE(ended);
}

TEST_P(ScopeTest, ACancelledJoinPassesItOnAndWaitsAllTheSame) {
  const auto ended = run([]() -> Task<void> {
    bool cleaned_up = false;
    Scope scope;
    scope.spawn([](bool* done) -> Task<void> {
      Event never;
      const Result<void> waited = co_await never.wait();
      EXPECT_EQ(waited.error(), Error::deadline_exceeded);
      co_await yield();
      co_await yield();
      *done = true;
    }(&cleaned_up));

    const Result<void> joined = co_await with_timeout(Duration(1000), scope.join());

    EXPECT_TRUE(joined);
    EXPECT_TRUE(cleaned_up);
  });

  EXPECT_TRUE(ended);
}

TEST_P(ScopeTest, ACancellationBeforeTheJoinIsPassedOnByTheJoin) {
  const auto ended = run([]() -> Task<void> {
    Scope outer;
    outer.spawn([]() -> Task<void> {
      Scope inner;
      inner.spawn(until_cancelled());
      Event never;
      const Result<void> waited = co_await never.wait();
      EXPECT_FALSE(waited);
      EXPECT_FALSE(inner.cancelled());
      const Result<void> joined = co_await inner.join();
      EXPECT_EQ(joined.error(), Error::cancelled);
    }());
    co_await yield();

    outer.cancel();
    const Result<void> joined = co_await outer.join();
    EXPECT_TRUE(joined);
  });

  EXPECT_TRUE(ended);
}

TEST_P(ScopeTest, LeavesTheDomainOfItsJoinWithTheJoin) {
  const auto ended = run([]() -> Task<void> {
    std::vector<int> log;
    Scope scope;
    scope.spawn(log_after(1, 1, &log));
    co_await with_timeout(std::chrono::hours(1), scope.join());  // that domain has ended

    scope.spawn(log_after(1, 2, &log));
    const Result<void> joined = co_await scope.join();

    EXPECT_TRUE(joined);
    EXPECT_FALSE(scope.cancelled());
    EXPECT_THAT(log, ElementsAre(1, 2));
  });

  EXPECT_TRUE(ended);
}

TEST_P(ScopeTest, RunsManyChildren) {
  const auto sum = run([]() -> Task<std::size_t> {
    std::size_t count = 0;
    Scope scope;
    for (int child = 0; child < 20'000; ++child) {
      scope.spawn([](std::size_t* ended) -> Task<void> {
        co_await yield();
        ++*ended;
      }(&count));
    }
    co_await scope.join();
    co_return count;
  });

  EXPECT_EQ(*sum, 20'000U);
}

class ScopeDeathTest : public test::BackendTest {};
WEIR_ON_EACH_BACKEND(ScopeDeathTest);

TEST_P(ScopeDeathTest, EndsOnlyWhenItsChildrenHave) {
  EXPECT_DEATH(static_cast<void>(run([]() -> Task<void> {
                 Scope scope;
                 scope.spawn(until_cancelled());
                 co_return;
               })),
               "running_ == 0");
}

}  // namespace
}  // namespace weir
