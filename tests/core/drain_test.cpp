#include "weir/core/drain.h"

#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/backend_test.h"
#include "weir/core/call.h"
#include "weir/core/deadline.h"
#include "weir/core/scope.h"
#include "weir/core/sleep.h"

namespace weir {
namespace {

using ::testing::ElementsAre;

class DrainTest : public test::BackendTest {};
WEIR_ON_EACH_BACKEND(DrainTest);

Task<void> log_when_draining(int number, std::vector<int>* log) {
  const Result<void> begun = co_await drain_begun();
  log->push_back(begun ? number : -number);
}

TEST_P(DrainTest, IsHeardByAllThatWaitForIt) {
  const auto ended = run([]() -> Task<void> {
    std::vector<int> log;
    Scope scope;
    for (int number = 1; number <= 3; ++number) scope.spawn(log_when_draining(number, &log));
    co_await yield();
    EXPECT_FALSE(Shard::current().draining());

    Runtime::current().drain();
    Runtime::current().drain();
    co_await scope.join();

    EXPECT_TRUE(Shard::current().draining());
    EXPECT_THAT(log, ::testing::UnorderedElementsAre(1, 2, 3));
  });

  EXPECT_TRUE(ended);
}

TEST_P(DrainTest, IsHeardAtOnceByWhoComesLater) {
  const auto ended = run([]() -> Task<void> {
    Runtime::current().drain();
    const Result<void> first = co_await drain_begun();
    const std::uint64_t before = Shard::current().stats().resumed;

    const Result<void> second = co_await drain_begun();

    EXPECT_TRUE(first && second);
    EXPECT_EQ(Shard::current().stats().resumed, before);
  });

  EXPECT_TRUE(ended);
}

TEST_P(DrainTest, WaitingForItCanBeCancelled) {
  const auto ended = run([]() -> Task<void> {
    std::vector<int> log;
    Scope first;
    Scope middle;
    Scope last;
    first.spawn(log_when_draining(1, &log));
    middle.spawn(log_when_draining(2, &log));
    last.spawn(log_when_draining(3, &log));
    co_await yield();

    middle.cancel();
    co_await middle.join();
    const Result<void> timed_out = co_await with_timeout(Duration(1000), drain_begun());
    EXPECT_EQ(timed_out.error(), Error::deadline_exceeded);
    EXPECT_THAT(log, ElementsAre(-2));
    Runtime::current().drain();
    co_await first.join();
    co_await last.join();

    EXPECT_THAT(log, ::testing::UnorderedElementsAre(-2, 1, 3));
  });

  EXPECT_TRUE(ended);
}

TEST_P(DrainTest, IsHeardOnEveryShard) {
  const auto ended = run_on_shards(3, []() -> Task<void> {
    const auto wait_there = [](unsigned id) -> Task<bool> {
      const auto wait = []() -> Task<bool> {
        const Result<void> begun = co_await drain_begun();
        co_return begun.has_value();
      };
      const bool begun = co_await call(Runtime::current().shard(id), wait);
      co_return begun;
    };
    Scope scope;
    int heard = 0;
    for (unsigned id = 0; id < 3; ++id) {
      scope.spawn([](Task<bool> waiting, int* count) -> Task<void> {
        const bool begun = co_await std::move(waiting);
        *count += begun ? 1 : 0;
      }(wait_there(id), &heard));
    }
    co_await yield();

    Runtime::current().drain();
    co_await scope.join();

    EXPECT_EQ(heard, 3);
  });

  EXPECT_TRUE(ended);
}

TEST_P(DrainTest, MayBeginOnAnyThread) {
  const auto ended = run([]() -> Task<void> {
    std::thread elsewhere([](Runtime* runtime) { runtime->drain(); }, &Runtime::current());

    const Result<void> begun = co_await drain_begun();

    EXPECT_TRUE(begun);
    elsewhere.join();
  });

  EXPECT_TRUE(ended);
}

TEST_P(DrainTest, CancelsMainAtItsTimeout) {
  RuntimeOptions with_timeout = options();
  with_timeout.drain_timeout = std::chrono::milliseconds(1);

  const auto result = weir::run(with_timeout, []() -> Task<Result<void>> {
    Runtime::current().drain();
    const Result<void> begun = co_await drain_begun();
    EXPECT_TRUE(begun);
    const Result<void> slept = co_await sleep_for(Duration::max());
    co_return slept;
  });

  EXPECT_EQ(result.error(), Error::cancelled);
}

}  // namespace
}  // namespace weir
