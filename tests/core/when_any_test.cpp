#include "weir/core/when_any.h"

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

#include <gtest/gtest.h>

#include "tests/support/awaited_tasks.h"
#include "tests/support/backend_test.h"
#include "weir/core/channel.h"
#include "weir/core/deadline.h"
#include "weir/core/event.h"
#include "weir/core/scope.h"
#include "weir/core/sleep.h"

namespace weir {
namespace {

using test::number_after;
using test::until_cancelled;

class WhenAnyTest : public test::BackendTest {};
WEIR_ON_EACH_BACKEND(WhenAnyTest);

TEST_P(WhenAnyTest, NamesTheFirstAndCancelsTheRest) {
  const auto ended = run([]() -> Task<void> {
    const auto first = co_await when_any(until_cancelled(), number_after(2, 42), until_cancelled());

    EXPECT_EQ(first.index, 1U);
    EXPECT_EQ(std::get<1>(first.results), 42);
    EXPECT_EQ(std::get<0>(first.results).error(), Error::cancelled);
    EXPECT_EQ(std::get<2>(first.results).error(), Error::cancelled);
  });

  EXPECT_TRUE(ended);
}

TEST_P(WhenAnyTest, WaitsForTheLosersToEnd) {
  const auto ended = run([]() -> Task<void> {
    bool cleaned_up = false;
    const auto slow_loser = [](bool* done) -> Task<void> {
      Event never;
      co_await never.wait();
      for (int round = 0; round < 5; ++round) co_await yield();
      *done = true;
    };

    const auto first = co_await when_any(slow_loser(&cleaned_up), number_after(0, 1));

    EXPECT_EQ(first.index, 1U);
    EXPECT_TRUE(cleaned_up);
  });

  EXPECT_TRUE(ended);
}

// The point of keeping every result: a value that was taken out of a channel must not be lost
// because somebody else was first.
TEST_P(WhenAnyTest, KeepsTheResultOfALoserThatSucceededToo) {
  const auto ended = run([]() -> Task<void> {
    Channel<int> left(1);
    Channel<int> right(1);
    const auto receive = [](Channel<int>* channel) -> Task<Result<std::optional<int>>> {
      Result<std::optional<int>> value = co_await channel->receive();
      co_return value;
    };
    Scope sender;
    sender.spawn([](Channel<int>* l, Channel<int>* r) -> Task<void> {
      co_await yield();
      EXPECT_EQ(r->try_send(2), TrySend::sent);
      EXPECT_EQ(l->try_send(1), TrySend::sent);
    }(&left, &right));

    const auto first = co_await when_any(receive(&left), receive(&right));
    co_await sender.join();

    EXPECT_EQ(first.index, 1U);
    EXPECT_EQ(**std::get<0>(first.results), 1);
    EXPECT_EQ(**std::get<1>(first.results), 2);
  });

  EXPECT_TRUE(ended);
}

TEST_P(WhenAnyTest, WorksForOneAndForNothing) {
  const auto ended = run([]() -> Task<void> {
    const auto alone = co_await when_any(number_after(1, 7));
    EXPECT_EQ(alone.index, 0U);
    EXPECT_EQ(std::get<0>(alone.results), 7);

    const auto nothing = []() -> Task<void> { co_return; };
    const WhenAnyResult<Result<void>, void> done = co_await when_any(until_cancelled(), nothing());
    EXPECT_EQ(done.index, 1U);
  });

  EXPECT_TRUE(ended);
}

TEST_P(WhenAnyTest, RethrowsAfterAllHaveEnded) {
  const auto ended = run([]() -> Task<void> {
    bool loser_ended = false;
    const auto throwing = []() -> Task<int> {
      co_await yield();
      throw std::runtime_error("lost");
    };
    const auto loser = [](bool* done) -> Task<void> {
      Event never;
      co_await never.wait();
      *done = true;
    };

    bool caught = false;
    try {
      co_await when_any(loser(&loser_ended), throwing());
    } catch (const std::runtime_error&) {
      caught = true;
    }

    EXPECT_TRUE(caught);
    EXPECT_TRUE(loser_ended);
  });

  EXPECT_TRUE(ended);
}

TEST_P(WhenAnyTest, CancellingTheAwaiterCancelsAll) {
  const auto ended = run([]() -> Task<void> {
    const auto first =
        co_await with_timeout(Duration(1000), when_any(until_cancelled(), until_cancelled()));

    EXPECT_EQ(first.index, 0U);
    EXPECT_EQ(std::get<0>(first.results).error(), Error::deadline_exceeded);
    EXPECT_EQ(std::get<1>(first.results).error(), Error::deadline_exceeded);
  });

  EXPECT_TRUE(ended);
}

TEST_P(WhenAnyTest, NestsInItself) {
  const auto ended = run([]() -> Task<void> {
    const auto inner = []() -> Task<std::size_t> {
      const auto first = co_await when_any(until_cancelled(), until_cancelled());
      co_return first.index;
    };

    const auto first = co_await when_any(inner(), number_after(1, 1), inner());

    EXPECT_EQ(first.index, 1U);
  });

  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace weir
