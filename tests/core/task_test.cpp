#include "weir/core/task.h"

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/hand_driven.h"
#include "tests/support/life_count.h"
#include "weir/base/result.h"

namespace weir {
namespace {

using test::Counted;
using test::Gate;
using test::HandDriven;
using test::LifeCounts;

static_assert(!std::is_copy_constructible_v<Task<int>>);
static_assert(std::is_nothrow_move_constructible_v<Task<int>>);

Task<int> number(int value) { co_return value; }

Task<int> number_after(Gate* gate, int value) {
  co_await *gate;
  co_return value;
}

TEST(Task, YieldsItsValue) {
  HandDriven driven([]() -> Task<std::string> {
    const int left = co_await number(4);
    co_return std::to_string(left) + std::to_string(co_await number(2));
  }());

  EXPECT_TRUE(driven.ended());
  EXPECT_EQ(driven.take(), "42");
}

TEST(Task, YieldsNothing) {
  bool done = false;

  HandDriven driven([](bool* flag) -> Task<void> {
    co_await number(1);
    *flag = true;
  }(&done));

  EXPECT_TRUE(driven.ended());
  EXPECT_TRUE(done);
}

TEST(Task, YieldsAMoveOnlyValueWithoutADefault) {
  struct Handle {
    explicit Handle(int number) : owned(std::make_unique<int>(number)) {}
    std::unique_ptr<int> owned;
  };

  HandDriven driven([]() -> Task<Handle> { co_return Handle(7); }());

  EXPECT_EQ(*driven.take().owned, 7);
}

TEST(Task, TakesBracesForItsValue) {
  HandDriven nothing([]() -> Task<Result<void>> { co_return {}; }());
  HandDriven pair([]() -> Task<std::pair<int, std::string>> { co_return {1, "one"}; }());

  EXPECT_TRUE(nothing.take().has_value());
  EXPECT_EQ(pair.take().second, "one");
}

TEST(Task, DestroysABracedValueOnce) {
  LifeCounts counts;

  {
    HandDriven driven([](LifeCounts* of) -> Task<std::pair<Counted, int>> {
      co_return {Counted(*of, 1), 2};
    }(&counts));
    EXPECT_EQ(driven.take().first.number, 1);
  }

  EXPECT_EQ(counts.alive(), 0);
}

TEST(Task, YieldsAnErrorAsAValue) {
  HandDriven driven([]() -> Task<Result<int>> { co_return fail(Error::closed); }());

  EXPECT_EQ(driven.take().error(), Error::closed);
}

TEST(Task, DoesNothingUntilItIsAwaited) {
  bool started = false;

  Task<void> task = [](bool* flag) -> Task<void> {
    *flag = true;
    co_return;
  }(&started);
  EXPECT_FALSE(started);
  const HandDriven driven(std::move(task));

  EXPECT_TRUE(started);
  EXPECT_FALSE(task.valid());  // NOLINT(bugprone-use-after-move)
}

TEST(Task, NeverAwaitedDestroysItsParametersOnce) {
  LifeCounts counts;
  bool started = false;

  {
    const Task<void> task = [](Counted, bool* flag) -> Task<void> {
      *flag = true;
      co_return;
    }(Counted(counts), &started);
    EXPECT_EQ(counts.alive(), 1);
  }

  EXPECT_EQ(counts.alive(), 0);
  EXPECT_FALSE(started);
}

TEST(Task, AssigningDestroysTheOldOne) {
  LifeCounts counts;
  const auto holding = [](Counted held) -> Task<int> { co_return held.number; };
  Task<int> task = holding(Counted(counts, 1));

  task = holding(Counted(counts, 2));

  EXPECT_EQ(counts.alive(), 1);
  EXPECT_EQ(HandDriven(std::move(task)).take(), 2);
  EXPECT_EQ(counts.alive(), 0);
}

TEST(Task, ResumesItsAwaiterWhenItEnds) {
  Gate gate;
  HandDriven driven([](Gate* at) -> Task<int> {
    const int left = co_await number_after(at, 1);
    const int right = co_await number_after(at, 2);
    co_return left * 10 + right;
  }(&gate));
  EXPECT_FALSE(driven.ended());

  gate.open();
  EXPECT_FALSE(driven.ended());
  EXPECT_TRUE(gate.awaited());
  gate.open();

  EXPECT_EQ(driven.take(), 12);
}

TEST(Task, MayBeKeptAndAwaitedLater) {
  HandDriven driven([]() -> Task<int> {
    Task<int> first = number(1);
    Task<int> second = number(2);
    const int right = co_await std::move(second);
    co_return co_await std::move(first) * 10 + right;
  }());

  EXPECT_EQ(driven.take(), 12);
}

TEST(Task, AnExceptionSurfacesWhereItIsAwaited) {
  const auto throwing = []() -> Task<int> {
    throw std::runtime_error("lost");
    co_return 1;
  };

  HandDriven caught([](auto inner) -> Task<std::string> {
    try {
      co_await inner();
    } catch (const std::runtime_error& error) {
      co_return error.what();
    }
    co_return "nothing";
  }(throwing));
  HandDriven passed_on([](auto inner) -> Task<int> { co_return co_await inner(); }(throwing));

  EXPECT_EQ(caught.take(), "lost");
  EXPECT_THROW(passed_on.take(), std::runtime_error);
}

TEST(Task, AnExceptionAfterASuspensionSurfacesToo) {
  Gate gate;
  HandDriven driven([](Gate* at) -> Task<void> {
    co_await [](Gate* inner) -> Task<void> {
      co_await *inner;
      throw std::runtime_error("late");
    }(at);
  }(&gate));

  gate.open();

  EXPECT_THROW(driven.take(), std::runtime_error);
}

TEST(Task, ThatThrowsDestroysItsFrameOnce) {
  LifeCounts counts;

  {
    HandDriven driven([](Counted parameter, LifeCounts* local_counts) -> Task<int> {
      const Counted local(*local_counts);
      if (parameter.number == 0) throw std::runtime_error("lost");
      co_return 1;
    }(Counted(counts), &counts));
    EXPECT_THROW(driven.take(), std::runtime_error);
  }

  EXPECT_EQ(counts.alive(), 0);
}

TEST(Task, CarriesItsDomainFromAwaiterToAwaited) {
  struct ReadDomain {
    CancelDomain* bound = nullptr;
    void bind(CancelDomain* domain) noexcept { bound = domain; }
    bool await_ready() const noexcept { return true; }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    CancelDomain* await_resume() const noexcept { return bound; }
  };
  CancelDomain domain;

  HandDriven driven(
      []() -> Task<CancelDomain*> {
        co_return co_await []() -> Task<CancelDomain*> { co_return co_await ReadDomain(); }();
      }(),
      &domain);

  EXPECT_EQ(driven.take(), &domain);
}

Task<int> depth_below(int depth, Gate* gate) {
  if (depth == 0) {
    if (gate != nullptr) co_await *gate;
    co_return 0;
  }
  co_return 1 + co_await depth_below(depth - 1, gate);
}

// In the slowest build (GCC, -O0, AddressSanitizer) a level takes about 700 bytes of the 8 MiB.
constexpr int deep = 10'000;

TEST(Task, NestsTenThousandDeep) {
  HandDriven driven(depth_below(deep, nullptr));

  EXPECT_EQ(driven.take(), deep);
}

TEST(Task, UnwindsTenThousandSuspendedAwaiters) {
  Gate gate;
  HandDriven driven(depth_below(deep, &gate));
  EXPECT_FALSE(driven.ended());

  gate.open();

  EXPECT_EQ(driven.take(), deep);
}

using TaskDeathTest = ::testing::Test;

TEST(TaskDeathTest, IsNotAwaitedTwice) {
  EXPECT_DEATH(
      {
        Task<int> task = number(1);
        task.await_suspend(std::noop_coroutine());
        task.await_suspend(std::noop_coroutine());
      },
      "phase_ == Phase::created");
}

TEST(TaskDeathTest, IsNotAwaitedAfterItWasMovedAway) {
  EXPECT_DEATH(
      {
        Task<int> task = number(1);
        const Task<int> other = std::move(task);
        task.await_suspend(std::noop_coroutine());  // NOLINT(bugprone-use-after-move)
      },
      "coroutine_");
}

TEST(TaskDeathTest, IsNotDestroyedWhileItWaits) {
  EXPECT_DEATH(
      {
        Gate gate;
        Task<int> task = number_after(&gate, 1);
        task.await_suspend(std::noop_coroutine());
      },
      "in_progress");
}

}  // namespace
}  // namespace weir
