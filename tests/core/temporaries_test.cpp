// What may be written inside a co_await expression, on every compiler that we build with. GCC 12
// destroys some temporaries there twice (aggregates with a non-trivial member, closures with a
// non-trivial capture; STYLE.md section 5): our options are trivially destructible and our
// awaitables have constructors, so that none of these forms is affected. Run under
// AddressSanitizer, and counted.
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/backend_test.h"
#include "tests/support/hand_driven.h"
#include "tests/support/life_count.h"
#include "weir/core/call.h"
#include "weir/core/channel.h"
#include "weir/core/deadline.h"
#include "weir/core/event.h"
#include "weir/core/scope.h"
#include "weir/core/semaphore.h"
#include "weir/core/sleep.h"
#include "weir/core/when_all.h"
#include "weir/core/when_any.h"

namespace weir {
namespace {

using test::Counted;
using test::HandDriven;
using test::LifeCounts;

constexpr Duration long_enough = std::chrono::hours(1);

class TemporariesTest : public test::BackendTest {};
WEIR_ON_EACH_BACKEND(TemporariesTest);

struct Options {
  int rounds = 1;
  Duration timeout = long_enough;
  std::optional<std::uint32_t> limit{};
};

Task<int> with_options(Options options) {
  for (int round = 0; round < options.rounds; ++round) co_await yield();
  co_return options.rounds + static_cast<int>(options.limit.value_or(0));
}

TEST_P(TemporariesTest, OptionsMayBeWrittenInline) {
  const auto sum = run([]() -> Task<int> {
    int total = co_await with_options({});
    total += co_await with_options({.rounds = 2});
    total += co_await with_options({.rounds = 3, .timeout = Duration(1), .limit = 10});
    total += co_await with_timeout(long_enough, with_options({.rounds = 4, .limit = 100}));
    co_return total;
  });

  EXPECT_EQ(*sum, 1 + 2 + 13 + 104);
}

Task<Counted> give_back(Counted value) {
  co_await yield();
  co_return value;
}

Task<Result<Counted>> give_back_as_result(Counted value) {
  co_await yield();
  co_return value;
}

TEST_P(TemporariesTest, ArgumentsAndResultsOfTasksLiveOnce) {
  LifeCounts counts;

  const auto ended = run([&counts]() -> Task<void> {
    const Counted plain = co_await give_back(Counted(counts, 1));
    const Counted timed = co_await with_timeout(long_enough, give_back(Counted(counts, 2)));
    const Result<Counted> result = co_await give_back_as_result(Counted(counts, 3));
    const int number = (co_await give_back(Counted(counts, 4))).number;
    const Counted shielded_one = co_await shielded(give_back(Counted(counts, 5)));

    EXPECT_EQ(plain.number + timed.number + result->number + number + shielded_one.number, 15);
    EXPECT_EQ(counts.alive(), 4);
  });

  EXPECT_TRUE(ended);
  EXPECT_EQ(counts.alive(), 0);
}

TEST_P(TemporariesTest, ValuesOnTheirWayThroughAChannelLiveOnce) {
  LifeCounts counts;

  const auto ended = run([&counts]() -> Task<void> {
    Channel<Counted> channel(4);
    co_await channel.send(Counted(counts, 1));
    co_await with_timeout(long_enough, channel.send(Counted(counts, 2)));
    const Result<void> late = co_await with_timeout(Duration(-1), channel.send(Counted(counts, 3)));
    EXPECT_FALSE(late);
    EXPECT_EQ(counts.alive(), 2);

    const Result<std::optional<Counted>> first = co_await channel.receive();
    const Result<std::optional<Counted>> second =
        co_await with_timeout(long_enough, channel.receive());
    EXPECT_EQ((*first)->number + (*second)->number, 3);
    EXPECT_EQ(counts.alive(), 2);
  });

  EXPECT_TRUE(ended);
  EXPECT_EQ(counts.alive(), 0);
}

TEST_P(TemporariesTest, ASendThatHadToWaitHoldsItsValueOnce) {
  LifeCounts counts;

  const auto ended = run([&counts]() -> Task<void> {
    Channel<Counted> channel(1);
    co_await channel.send(Counted(counts, 1));
    Scope scope;
    scope.spawn([](Channel<Counted>* from) -> Task<void> {
      co_await yield();
      EXPECT_EQ(from->try_receive()->number, 1);
    }(&channel));

    const Result<void> sent = co_await channel.send(Counted(counts, 2));
    EXPECT_TRUE(sent);
    EXPECT_EQ(counts.alive(), 1);
    const Result<void> lost =
        co_await with_timeout(std::chrono::microseconds(50), channel.send(Counted(counts, 3)));
    EXPECT_FALSE(lost);
    EXPECT_EQ(counts.alive(), 1);
    co_await scope.join();
  });

  EXPECT_TRUE(ended);
  EXPECT_EQ(counts.alive(), 0);
}

TEST_P(TemporariesTest, PermitsAreGivenBackOnce) {
  const auto ended = run([]() -> Task<void> {
    Semaphore semaphore(2);
    {
      const Result<Semaphore::Permit> plain = co_await semaphore.acquire_permit();
      const Result<Semaphore::Permit> timed =
          co_await with_timeout(long_enough, semaphore.acquire_permit());
      EXPECT_EQ(semaphore.available(), 0U);
    }
    EXPECT_EQ(semaphore.available(), 2U);
    static_cast<void>(co_await semaphore.acquire_permit(2));
    EXPECT_EQ(semaphore.available(), 2U);
  });

  EXPECT_TRUE(ended);
}

TEST_P(TemporariesTest, FunctionsAndResultsOfCallsLiveOnce) {
  LifeCounts counts;

  const auto ended = run_on_shards(2, [&counts]() -> Task<void> {
    Shard& there = Runtime::current().shard(1);
    // Named, because its capture is not trivial.
    auto function = [held = Counted(counts, 1)]() -> Task<Counted> {
      co_await yield();
      co_return held;
    };

    const Counted copied = co_await call(there, function);
    const Counted timed = co_await with_timeout(long_enough, call(there, function));
    const Counted moved = co_await call(there, std::move(function));
    const Counted made = co_await call(there, [&counts] { return Counted(counts, 1); });

    EXPECT_EQ(copied.number + timed.number + moved.number + made.number, 4);
    EXPECT_EQ(counts.alive(), 5);
  });

  EXPECT_TRUE(ended);
  EXPECT_EQ(counts.alive(), 0);
}

TEST_P(TemporariesTest, TasksSideBySideLiveOnce) {
  LifeCounts counts;

  const auto ended = run([&counts]() -> Task<void> {
    const auto [left, right] =
        co_await when_all(give_back(Counted(counts, 1)), give_back(Counted(counts, 2)));
    const auto first =
        co_await when_any(give_back(Counted(counts, 3)), give_back(Counted(counts, 4)));
    const auto timed = co_await with_timeout(
        long_enough, when_all(give_back(Counted(counts, 5)), give_back(Counted(counts, 6))));

    EXPECT_EQ(left.number + right.number, 3);
    EXPECT_EQ(std::get<0>(first.results).number + std::get<1>(first.results).number, 7);
    EXPECT_EQ(std::get<1>(timed).number, 6);
    EXPECT_EQ(counts.alive(), 6);
  });

  EXPECT_TRUE(ended);
  EXPECT_EQ(counts.alive(), 0);
}

TEST_P(TemporariesTest, ClosuresPassedToSpawnLiveOnce) {
  LifeCounts counts;

  const auto ended = run([&counts]() -> Task<void> {
    Scope scope;
    for (int child = 0; child < 10; ++child) {
      scope.spawn([](Counted parameter, std::string text) -> Task<void> {
        co_await yield();
        EXPECT_EQ(text.size(), 50U);
        static_cast<void>(parameter);
      }(Counted(counts), std::string(50, 'x')));
    }
    co_await scope.join();
  });

  EXPECT_TRUE(ended);
  EXPECT_EQ(counts.alive(), 0);
}

// A co_await in a condition is left alone by GCC 12 only if the coroutine declares a variable
// somewhere: the forms that always work are these.
TEST(Temporaries, ResultsAreAskedInALocal) {
  const auto failing = []() -> Task<Result<int>> { co_return fail(Error::busy); };
  const auto in_init_statement = [](auto inner) -> Task<int> {
    if (const Result<int> result = co_await inner(); !result) co_return 1;
    co_return 2;
  };
  const auto in_declaration = [](auto inner) -> Task<int> {
    const Result<int> result = co_await inner();
    if (!result) co_return 1;
    co_return 2;
  };

  EXPECT_EQ(HandDriven(in_init_statement(failing)).take(), 1);
  EXPECT_EQ(HandDriven(in_declaration(failing)).take(), 1);
}

}  // namespace
}  // namespace weir
