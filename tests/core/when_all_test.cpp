#include "weir/core/when_all.h"

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
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

using test::number_after;
using test::until_cancelled;
using ::testing::ElementsAre;

class WhenAllTest : public test::BackendTest {};
WEIR_ON_EACH_BACKEND(WhenAllTest);

TEST_P(WhenAllTest, YieldsAllResultsInOrder) {
  const auto ended = run([]() -> Task<void> {
    const auto text = []() -> Task<std::unique_ptr<std::string>> {
      co_return std::make_unique<std::string>("two");
    };
    const auto nothing = []() -> Task<void> { co_return; };

    const std::tuple<int, std::unique_ptr<std::string>, std::monostate> results =
        co_await when_all(number_after(3, 1), text(), nothing());

    EXPECT_EQ(std::get<0>(results), 1);
    EXPECT_EQ(*std::get<1>(results), "two");
  });

  EXPECT_TRUE(ended);
}

TEST_P(WhenAllTest, RunsThemSideBySide) {
  const auto ended = run([]() -> Task<void> {
    Event ping;
    Event pong;
    const auto first = [](Event* mine, Event* other) -> Task<void> {
      mine->set();
      co_await other->wait();
    };

    co_await when_all(first(&ping, &pong), first(&pong, &ping));
  });

  EXPECT_TRUE(ended);
}

TEST_P(WhenAllTest, TakesAVectorOfTasks) {
  const auto result = run([]() -> Task<std::vector<int>> {
    std::vector<Task<int>> tasks;
    for (int number = 0; number < 5; ++number) tasks.push_back(number_after(5 - number, number));
    std::vector<int> results = co_await when_all(std::move(tasks));

    std::vector<Task<void>> none;
    const std::vector<std::monostate> nothing = co_await when_all(std::move(none));
    EXPECT_TRUE(nothing.empty());

    co_return results;
  });

  EXPECT_THAT(*result, ElementsAre(0, 1, 2, 3, 4));
}

TEST_P(WhenAllTest, OfNothingIsReady) {
  const auto ended = run([]() -> Task<void> {
    const std::tuple<> none = co_await when_all();
    static_cast<void>(none);
  });

  EXPECT_TRUE(ended);
}

TEST_P(WhenAllTest, RethrowsTheFirstExceptionAfterAllHaveEnded) {
  const auto ended = run([]() -> Task<void> {
    bool last_ended = false;
    const auto throwing = [](int rounds, std::string message) -> Task<int> {
      for (; rounds > 0; --rounds) co_await yield();
      throw std::runtime_error(message);
    };
    const auto last = [](bool* flag) -> Task<void> {
      for (int round = 0; round < 5; ++round) co_await yield();
      *flag = true;
    };

    std::string caught;
    try {
      co_await when_all(throwing(3, "second"), throwing(1, "first"), last(&last_ended));
    } catch (const std::runtime_error& error) {
      caught = error.what();
    }

    EXPECT_EQ(caught, "first");
    EXPECT_TRUE(last_ended);
  });

  EXPECT_TRUE(ended);
}

TEST_P(WhenAllTest, CancellingTheAwaiterCancelsAll) {
  const auto ended = run([]() -> Task<void> {
    const std::tuple<Result<void>, Result<void>> pair =
        co_await with_timeout(Duration(1000), when_all(until_cancelled(), until_cancelled()));
    EXPECT_EQ(std::get<0>(pair).error(), Error::deadline_exceeded);
    EXPECT_EQ(std::get<1>(pair).error(), Error::deadline_exceeded);

    std::vector<Task<Result<void>>> tasks;
    for (int count = 0; count < 3; ++count) tasks.push_back(until_cancelled());
    const std::vector<Result<void>> results =
        co_await with_timeout(Duration(1000), when_all(std::move(tasks)));
    for (const Result<void>& result : results) {
      EXPECT_EQ(result.error(), Error::deadline_exceeded);
    }
  });

  EXPECT_TRUE(ended);
}

TEST_P(WhenAllTest, IsGoneWithItsTasksWhenItIsNeverAwaited) {
  const auto ended = run([]() -> Task<void> {
    static_cast<void>(when_all(number_after(1, 1), until_cancelled()));
    co_return;
  });

  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace weir
