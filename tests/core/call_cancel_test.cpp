// What cancelling a call does, by how far it has come: not begun, waiting for a credit, running
// over there, answered.
#include <atomic>
#include <chrono>
#include <deque>
#include <random>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/awaited_tasks.h"
#include "tests/support/backend_test.h"
#include "tests/support/seed.h"
#include "weir/core/call.h"
#include "weir/core/deadline.h"
#include "weir/core/scope.h"
#include "weir/core/sleep.h"

namespace weir {
namespace {

using test::shard;
using test::until_cancelled;

class CallCancelTest : public test::BackendTest {};
WEIR_ON_EACH_BACKEND(CallCancelTest);

void spin_until(const std::atomic<bool>& flag) {
  while (!flag.load(std::memory_order_acquire)) {
  }
}

/// Lets this shard read its mail a few times.
Task<void> pass_turns(std::uint64_t count) {
  const std::uint64_t end = Shard::current().stats().turns + count;
  while (Shard::current().stats().turns < end) co_await yield();
}

TEST_P(CallCancelTest, BeforeItBeganTheTaskSeesIt) {
  const auto ended = run_on_shards(2, []() -> Task<void> {
    Scope scope;
    scope.cancel(Error::shutting_down);
    int functions_called = 0;
    scope.spawn([](int* count) -> Task<void> {
      const Result<void> answer = co_await call(shard(1), until_cancelled);
      EXPECT_EQ(answer.error(), Error::shutting_down);
      // A function has no way to say that it was not called: it is.
      co_await call(shard(1), [count] { ++*count; });
    }(&functions_called));

    co_await scope.join();

    EXPECT_EQ(functions_called, 1);
  });

  EXPECT_TRUE(ended);
}

TEST_P(CallCancelTest, WhileItRunsReachesTheTask) {
  const auto ended = run_on_shards(2, []() -> Task<void> {
    const auto twice = []() -> Task<int> {
      const Result<void> first = co_await until_cancelled();
      EXPECT_EQ(first.error(), Error::deadline_exceeded);
      const Result<void> second = co_await sleep_for(std::chrono::hours(1));
      EXPECT_EQ(second.error(), Error::deadline_exceeded);
      co_return 2;
    };

    const int value = co_await with_timeout(std::chrono::milliseconds(1), call(shard(1), twice));

    EXPECT_EQ(value, 2);
  });

  EXPECT_TRUE(ended);
}

TEST_P(CallCancelTest, ComesBackOnlyWhenTheTaskHasEnded) {
  const auto ended = run_on_shards(2, []() -> Task<void> {
    std::atomic<bool> cleaned_up = false;
    auto slow = [&cleaned_up]() -> Task<void> {
      co_await until_cancelled();
      co_await shielded(sleep_for(std::chrono::milliseconds(2)));
      cleaned_up = true;
    };

    co_await with_timeout(std::chrono::milliseconds(1), call(shard(1), slow));

    EXPECT_TRUE(cleaned_up);
  });

  EXPECT_TRUE(ended);
}

Task<void> call_and_count(std::error_code expected, int* count) {
  const Result<void> ended = co_await call(shard(1), until_cancelled);
  if (ended.error() == expected) ++*count;
}

TEST_P(CallCancelTest, WhileItWaitsForACreditItEndsAtOnceIfItsResultCanSaySo) {
  const auto ended = run_on_shards(2, []() -> Task<void> {
    Scope holding;
    Scope waiting;
    Scope scope_of_later;
    int held = 0;
    int waited = 0;
    for (std::size_t count = 0; count < detail::mail_credits; ++count) {
      holding.spawn(call_and_count(Error::cancelled, &held));
    }
    for (int count = 0; count < 10; ++count) {
      waiting.spawn(call_and_count(Error::shutting_down, &waited));
    }
    co_await yield();

    waiting.cancel(Error::shutting_down);
    co_await waiting.join();
    EXPECT_EQ(waited, 10);
    EXPECT_EQ(held, 0);
    scope_of_later.spawn(call_and_count(Error::shutting_down, &waited));  // cancelled before
    scope_of_later.cancel(Error::shutting_down);
    co_await scope_of_later.join();
    EXPECT_EQ(waited, 11);
    holding.cancel();
    co_await holding.join();

    EXPECT_EQ(held, static_cast<int>(detail::mail_credits));
  });

  EXPECT_TRUE(ended);
}

TEST_P(CallCancelTest, WhileItWaitsForACreditOneOfTheMiddleLeavesTheOthersInOrder) {
  const auto ended = run_on_shards(2, []() -> Task<void> {
    Scope holding;
    int held = 0;
    for (std::size_t count = 0; count < detail::mail_credits; ++count) {
      holding.spawn(call_and_count(Error::cancelled, &held));
    }
    co_await yield();
    std::vector<int> order;
    std::deque<Scope> waiting(5);
    for (int number = 0; number < 5; ++number) {
      waiting[static_cast<std::size_t>(number)].spawn(
          [](int mine, std::vector<int>* into) -> Task<void> {
            const auto note = [mine, into]() -> Result<void> {
              into->push_back(mine);
              return {};
            };
            const Result<void> made = co_await call(shard(1), note);
            if (!made) {
              EXPECT_EQ(made.error(), Error::cancelled);
            }
          }(number, &order));
    }
    co_await yield();

    for (const std::size_t one : {2UZ, 0UZ, 4UZ}) {
      waiting[one].cancel();
      co_await waiting[one].join();
    }
    holding.cancel();
    co_await holding.join();
    for (Scope& scope : waiting) co_await scope.join();

    EXPECT_THAT(order, testing::ElementsAre(1, 3));
  });

  EXPECT_TRUE(ended);
}

TEST_P(CallCancelTest, WhileItWaitsForACreditAFunctionWithoutResultIsCalledAllTheSame) {
  const auto ended = run_on_shards(2, []() -> Task<void> {
    Scope holding;
    Scope waiting;
    int held = 0;
    int called = 0;
    for (std::size_t count = 0; count < detail::mail_credits; ++count) {
      holding.spawn(call_and_count(Error::cancelled, &held));
    }
    co_await yield();
    waiting.spawn(
        [](int* count) -> Task<void> { co_await call(shard(1), [count] { ++*count; }); }(&called));
    co_await yield();

    waiting.cancel(Error::shutting_down);
    co_await pass_turns(3);
    EXPECT_EQ(waiting.running(), 1U);
    holding.cancel();
    co_await holding.join();
    co_await waiting.join();

    EXPECT_EQ(called, 1);
  });

  EXPECT_TRUE(ended);
}

TEST_P(CallCancelTest, AfterTheAnswerWasSentLosesNothing) {
  const auto ended = run_on_shards(2, []() -> Task<void> {
    std::atomic<bool> answered = false;
    int value = 0;
    Scope scope;
    auto answer = [&answered] {
      answered.store(true, std::memory_order_release);
      return 7;
    };
    scope.spawn([](auto function, int* into) -> Task<void> {
      *into = co_await call(shard(1), function);
    }(answer, &value));
    co_await yield();

    spin_until(answered);  // the answer may be in this shard's mailbox now, unread
    scope.cancel();
    co_await scope.join();

    EXPECT_EQ(value, 7);
  });

  EXPECT_TRUE(ended);
}

/// What two shards tell each other while neither reads its mail.
struct Meeting {
  std::atomic<std::size_t> called = 0;
  std::atomic<bool> blocked = false;
  std::atomic<bool> go_on = false;
};

Task<void> call_once(unsigned target, std::atomic<std::size_t>* called) {
  co_await call(shard(target), [called] { called->fetch_add(1); });
}

/// On shard 1: its own calls to shard 0, all cancelled at once, then deaf until told to go on.
Task<void> call_cancel_and_block(Meeting* meeting, std::size_t calls, std::size_t wait_for) {
  while (meeting->called.load() < wait_for) co_await yield();
  std::atomic<std::size_t> called = 0;
  Scope scope;
  for (std::size_t index = 0; index < calls; ++index) scope.spawn(call_once(0, &called));
  co_await yield();
  scope.cancel();
  meeting->blocked.store(true, std::memory_order_release);
  spin_until(meeting->go_on);
  co_await scope.join();
  EXPECT_EQ(called.load(), calls);
}

// The fullest that the ring from shard 0 to shard 1 can get: requests and their cancellations,
// twice over, beside the answers and acknowledgements for the other side's.
TEST_P(CallCancelTest, NeverOverflowsTheRingOfADeafShard) {
  constexpr std::size_t calls = detail::mail_credits - 1;  // one is used for shard 1's part

  const auto ended = run_on_shards(2, []() -> Task<void> {
    Meeting meeting;
    Scope other_side;
    Scope first;
    Scope second;
    auto part = [&meeting]() -> Task<void> {
      co_await call_cancel_and_block(&meeting, detail::mail_credits, calls);
    };
    other_side.spawn([](auto function) -> Task<void> { co_await call(shard(1), function); }(part));
    for (std::size_t index = 0; index < calls; ++index) {
      first.spawn(call_once(1, &meeting.called));
    }
    co_await yield();

    spin_until(meeting.blocked);  // all answers are in this shard's mailbox, unread
    first.cancel();
    co_await pass_turns(3);
    for (std::size_t index = 0; index < calls; ++index) {
      second.spawn(call_once(1, &meeting.called));
    }
    co_await yield();
    second.cancel();
    co_await pass_turns(3);
    meeting.go_on.store(true, std::memory_order_release);
    co_await first.join();
    co_await second.join();
    co_await other_side.join();

    EXPECT_EQ(meeting.called.load(), 2 * calls);
  });

  EXPECT_TRUE(ended);
}

Task<void> call_with_random_deadlines(std::uint64_t seed, int calls) {
  std::mt19937_64 random(seed);
  for (int index = 0; index < calls; ++index) {
    const auto pause = Duration(random() % 100'000);
    const auto timeout = Duration(random() % 100'000);
    const auto target = static_cast<unsigned>(random() % Runtime::current().shard_count());
    const auto work = [pause]() -> Task<Result<void>> {
      const Result<void> slept = co_await sleep_for(pause);
      co_return slept;
    };
    const Result<void> ended = co_await with_timeout(timeout, call(shard(target), work));
    EXPECT_TRUE(ended || ended.error() == Error::deadline_exceeded);
  }
}

TEST_P(CallCancelTest, RandomlyBetweenFourShards) {
  const test::Seed seed;
  SCOPED_TRACE(seed.text());

  const auto ended = run_on_shards(4, [&]() -> Task<void> {
    Scope scope;
    for (unsigned id = 0; id < 4; ++id) {
      auto side = [base = seed.value() + 1000 * id]() -> Task<void> {
        Scope calling;
        for (std::uint64_t caller = 0; caller < 50; ++caller) {
          calling.spawn(call_with_random_deadlines(base + caller, 40));
        }
        co_await calling.join();
      };
      scope.spawn([](unsigned target, auto function) -> Task<void> {
        co_await call(shard(target), function);
      }(id, side));
    }
    co_await scope.join();
  });

  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace weir
