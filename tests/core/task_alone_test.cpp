// Tasks that the runtime starts and nobody awaits.
#include <memory>
#include <stdexcept>

#include <gtest/gtest.h>

#include "tests/support/backend_test.h"
#include "weir/base/error.h"
#include "weir/base/result.h"
#include "weir/core/cancel.h"
#include "weir/core/event.h"
#include "weir/core/runnable.h"
#include "weir/core/sleep.h"
#include "weir/core/task.h"

namespace weir {
namespace {

class TaskAloneTest : public test::BackendTest {};
WEIR_ON_EACH_BACKEND(TaskAloneTest);

/// Counts how often it was run.
class AtEnd final : public Runnable {
 public:
  void run() noexcept override { ++runs; }
  int runs = 0;
};

Task<std::unique_ptr<int>> number_after(Event* event) {
  (void)co_await event->wait();
  co_return std::make_unique<int>(7);
}

TEST_P(TaskAloneTest, TellsOnceWhenItHasEnded) {
  const auto ended = run([]() -> Task<void> {
    Event event;
    AtEnd at_end;
    Task<std::unique_ptr<int>> task = number_after(&event);

    task.start_alone(at_end, nullptr);
    co_await yield();
    EXPECT_FALSE(task.ended());
    EXPECT_EQ(at_end.runs, 0);
    event.set();
    for (int round = 0; round < 3; ++round) co_await yield();

    EXPECT_TRUE(task.ended());
    EXPECT_EQ(at_end.runs, 1);
    EXPECT_EQ(*task.await_resume(), 7);
  });

  EXPECT_TRUE(ended);
}

TEST_P(TaskAloneTest, ThatEndsAtOnceTellsAfterItsStart) {
  const auto ended = run([]() -> Task<void> {
    Event event;
    event.set();
    AtEnd at_end;
    Task<std::unique_ptr<int>> task = number_after(&event);

    task.start_alone(at_end, nullptr);
    EXPECT_TRUE(task.ended());
    EXPECT_EQ(at_end.runs, 0);
    co_await yield();

    EXPECT_EQ(at_end.runs, 1);
  });

  EXPECT_TRUE(ended);
}

TEST_P(TaskAloneTest, KeepsItsExceptionForWhoTakesTheResult) {
  const auto ended = run([]() -> Task<void> {
    AtEnd at_end;
    Task<std::unique_ptr<int>> task = []() -> Task<std::unique_ptr<int>> {
      co_await yield();
      throw std::runtime_error("no number");
    }();

    task.start_alone(at_end, nullptr);
    for (int round = 0; round < 3; ++round) co_await yield();

    EXPECT_EQ(at_end.runs, 1);
    EXPECT_THROW((void)task.await_resume(), std::runtime_error);
  });

  EXPECT_TRUE(ended);
}

TEST_P(TaskAloneTest, IsCancelledWithItsDomain) {
  const auto ended = run([]() -> Task<void> {
    Event never;
    CancelDomain domain;
    AtEnd at_end;
    Task<Result<void>> task = [](Event* event) -> Task<Result<void>> {
      const Result<void> waited = co_await event->wait();
      co_return waited;
    }(&never);

    task.start_alone(at_end, &domain);
    domain.request(Error::deadline_exceeded);
    for (int round = 0; round < 3; ++round) co_await yield();

    EXPECT_EQ(at_end.runs, 1);
    const Result<void> result = task.await_resume();
    EXPECT_EQ(result.error(), Error::deadline_exceeded);
  });

  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace weir
