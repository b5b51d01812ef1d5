#include "weir/core/event.h"

#include <memory>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/backend_test.h"
#include "weir/core/deadline.h"
#include "weir/core/scope.h"
#include "weir/core/sleep.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class EventTest : public test::BackendTest {};
WEIR_ON_EACH_BACKEND(EventTest);

constexpr int cancelled_wait_mark = -1000;

/// Logs its number when the event is set, or the number and the mark when it was cancelled.
Task<void> log_when_set(Event* event, int number, std::vector<int>* log) {
  const Result<void> set = co_await event->wait();
  log->push_back(set ? number : number + cancelled_wait_mark);
}

TEST_P(EventTest, ResumesAllThatWaitInTheOrderOfComing) {
  const auto result = run([]() -> Task<std::vector<int>> {
    std::vector<int> log;
    Event event;
    Scope scope;
    for (int number = 1; number <= 3; ++number) scope.spawn(log_when_set(&event, number, &log));
    co_await yield();
    EXPECT_THAT(log, IsEmpty());

    event.set();
    EXPECT_THAT(log, IsEmpty());  // not inside set()
    co_await scope.join();

    co_return log;
  });

  EXPECT_THAT(*result, ElementsAre(1, 2, 3));
}

TEST_P(EventTest, DoesNotSuspendOnceItIsSet) {
  const auto result = run([]() -> Task<std::uint64_t> {
    Event event;
    event.set();
    event.set();
    const std::uint64_t before = Shard::current().stats().resumed;

    for (int round = 0; round < 1000; ++round) {
      const Result<void> set = co_await event.wait();
      EXPECT_TRUE(set);
    }

    EXPECT_TRUE(event.is_set());
    co_return Shard::current().stats().resumed - before;
  });

  EXPECT_EQ(*result, 0U);
}

TEST_P(EventTest, AResetTakesNothingFromThoseWhoWaited) {
  const auto result = run([]() -> Task<std::vector<int>> {
    std::vector<int> log;
    Event event;
    Scope scope;
    scope.spawn(log_when_set(&event, 1, &log));
    co_await yield();

    event.set();
    event.reset();
    scope.spawn(log_when_set(&event, 2, &log));
    co_await yield();
    co_await yield();
    EXPECT_THAT(log, ElementsAre(1));
    event.set();
    co_await scope.join();

    co_return log;
  });

  EXPECT_THAT(*result, ElementsAre(1, 2));
}

TEST_P(EventTest, ACancelledWaitYieldsTheReason) {
  const auto result = run([]() -> Task<std::error_code> {
    Event event;

    const Result<void> set = co_await with_timeout(Duration(1), event.wait());

    EXPECT_FALSE(event.is_set());
    co_return set.error();
  });

  EXPECT_EQ(*result, Error::deadline_exceeded);
}

TEST_P(EventTest, CancellingSomeLeavesTheOthersWaiting) {
  const auto result = run([]() -> Task<std::vector<int>> {
    std::vector<int> log;
    Event event;
    Scope kept;
    Scope dropped;
    kept.spawn(log_when_set(&event, 1, &log));
    dropped.spawn(log_when_set(&event, 2, &log));
    kept.spawn(log_when_set(&event, 3, &log));
    co_await yield();

    dropped.cancel();
    co_await dropped.join();
    EXPECT_THAT(log, ElementsAre(2 + cancelled_wait_mark));
    event.set();
    co_await kept.join();

    co_return log;
  });

  EXPECT_THAT(*result, ElementsAre(2 + cancelled_wait_mark, 1, 3));
}

TEST_P(EventTest, CancellationAfterSetComesTooLate) {
  const auto result = run([]() -> Task<std::vector<int>> {
    std::vector<int> log;
    Event event;
    Scope scope;
    scope.spawn(log_when_set(&event, 1, &log));
    co_await yield();

    event.set();
    scope.cancel();
    co_await scope.join();

    co_return log;
  });

  EXPECT_THAT(*result, ElementsAre(1));
}

TEST_P(EventTest, InACancelledDomainEvenASetOneIsNotWaitedFor) {
  const auto result = run([]() -> Task<std::vector<int>> {
    std::vector<int> log;
    Event event;
    event.set();
    Scope scope;
    scope.cancel();

    scope.spawn(log_when_set(&event, 1, &log));
    co_await scope.join();

    co_return log;
  });

  EXPECT_THAT(*result, ElementsAre(1 + cancelled_wait_mark));
}

TEST_P(EventTest, MayEndAsSoonAsItHasBeenSet) {
  const auto result = run([]() -> Task<std::vector<int>> {
    std::vector<int> log;
    auto event = std::make_unique<Event>();
    Scope scope;
    scope.spawn(log_when_set(event.get(), 1, &log));
    co_await yield();

    event->set();
    event.reset();
    co_await scope.join();

    co_return log;
  });

  EXPECT_THAT(*result, ElementsAre(1));
}

}  // namespace
}  // namespace weir
