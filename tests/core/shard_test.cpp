#include "weir/core/shard.h"

#include <sched.h>

#include <chrono>
#include <cstdint>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/backend_test.h"
#include "weir/base/buffer_pool.h"
#include "weir/base/pool_waiter.h"
#include "weir/core/call.h"
#include "weir/core/deadline.h"
#include "weir/core/event.h"
#include "weir/core/scope.h"
#include "weir/core/sleep.h"

namespace weir {
namespace {

using test::shard;
using ::testing::ElementsAre;

class ShardTest : public test::BackendTest {};
WEIR_ON_EACH_BACKEND(ShardTest);

ShardStats stats() { return Shard::current().stats(); }

TEST_P(ShardTest, AnIdleOneDoesNothing) {
  const auto result = run_on_shards(2, []() -> Task<std::uint64_t> {
    const ShardStats before = co_await call(shard(1), stats);

    co_await sleep_for(std::chrono::milliseconds(50));

    const ShardStats after = co_await call(shard(1), stats);
    EXPECT_EQ(after.calls_received, before.calls_received + 1);
    co_return after.turns - before.turns;
  });

  // The turn that was under way, the one that found nothing and slept, the one that the call woke.
  EXPECT_LE(*result, 3U);
}

TEST_P(ShardTest, OneThatOnlyWaitsForATimerDoesNothingMeanwhile) {
  const auto result = run([]() -> Task<std::uint64_t> {
    co_await yield();
    const std::uint64_t before = stats().turns;
    co_await sleep_for(std::chrono::milliseconds(50));
    co_return stats().turns - before;
  });

  // Kernels that count their timeouts in milliseconds wake early and wait again.
  EXPECT_LE(*result, 4U);
}

TEST_P(ShardTest, CountsWhatItDoes) {
  const auto ended = run_on_shards(2, []() -> Task<void> {
    const ShardStats before = stats();

    for (int round = 0; round < 10; ++round) co_await yield();
    co_await sleep_for(std::chrono::microseconds(100));
    co_await call(shard(1), [] {});

    const ShardStats after = stats();
    EXPECT_GE(after.resumed, before.resumed + 12);
    EXPECT_EQ(after.timers_due, before.timers_due + 1);
    EXPECT_EQ(after.calls_received, before.calls_received + 1);
    EXPECT_GT(after.turns, before.turns);
  });

  EXPECT_TRUE(ended);
}

/// Calls from shard to shard. Without spinning every one sleeps and wakes both sides: a wake-up
/// lost in 200 000 would hang here.
Task<int> call_often(int rounds) {
  int sum = 0;
  for (int round = 0; round < rounds; ++round) sum += co_await call(shard(1), [] { return 1; });
  co_return sum;
}

TEST_P(ShardTest, NeverMissesAWakeUp) {
#ifdef WEIR_SLOW_ASSERTS
  constexpr int rounds = 20'000;
#else
  constexpr int rounds = 200'000;
#endif
  RuntimeOptions blocking = options(2);
  blocking.adaptive = false;

  const auto result = weir::run(blocking, [] { return call_often(rounds); });

  EXPECT_EQ(*result, rounds);
}

TEST_P(ShardTest, NeverMissesAWakeUpWhileItTriesToSpin) {
  constexpr int rounds = 20'000;

  const auto result = run_on_shards(2, [] { return call_often(rounds); });

  EXPECT_EQ(*result, rounds);
}

TEST_P(ShardTest, NeverMissesAWakeUpWithTimersBetween) {
#ifdef WEIR_SLOW_ASSERTS
  constexpr int rounds = 2'000;
#else
  constexpr int rounds = 20'000;
#endif

  RuntimeOptions blocking = options(2);
  blocking.adaptive = false;

  const auto result = weir::run(blocking, []() -> Task<int> {
    int sum = 0;
    for (int round = 0; round < rounds; ++round) {
      const auto pause = std::chrono::microseconds(round % 7);
      sum += co_await call(shard(1), [pause]() -> Task<int> {
        co_await sleep_for(pause);
        co_return 1;
      });
      co_await sleep_for(std::chrono::microseconds(round % 5));
    }
    co_return sum;
  });

  EXPECT_EQ(*result, rounds);
}

std::uint64_t wakes() { return stats().wakes; }

/// Calls the other shard, with time for it to fall asleep between, until a call had to wake it.
Task<void> call_until_it_is_woken(int calls_max) {
  const std::uint64_t before = co_await call(shard(1), wakes);
  std::uint64_t after = before;
  for (int i = 0; i < calls_max && after == before; ++i) {
    co_await sleep_for(std::chrono::microseconds(50));
    after = co_await call(shard(1), wakes);
  }
  EXPECT_GT(after, before);
}

/// Read and written on the other shard only.
struct Wakefulness {
  bool has_begun = false;
  bool is_over = false;
};

Task<void> stay_awake(Wakefulness* there) {
  auto loop = [there]() -> Task<void> {
    there->has_begun = true;
    while (!there->is_over) co_await yield();
  };
  co_await call(shard(1), std::move(loop));
}

/// \returns  how often the other shard was woken until it stayed awake
Task<std::uint64_t> wakes_before(Wakefulness* there) {
  auto await_begin = [there]() -> Task<void> {
    while (!there->has_begun) co_await yield();
  };
  co_await call(shard(1), std::move(await_begin));
  // What the calls so far woke has happened; a shard sees it at the end of a turn.
  co_await call(shard(1), []() -> Task<void> {
    const std::uint64_t turns_before = stats().turns;
    while (stats().turns < turns_before + 10) co_await yield();
  });
  co_return co_await call(shard(1), wakes);
}

// A wake-up is a system call here and another there.
TEST_P(ShardTest, ACallWakesOnlyOneThatSleeps) {
  RuntimeOptions blocking = options(2);
  blocking.adaptive = false;
  constexpr int calls = 1000;

  const auto ended = weir::run(blocking, []() -> Task<void> {
    co_await call_until_it_is_woken(20'000);
    Wakefulness there;
    Scope scope;
    scope.spawn(stay_awake(&there));
    const std::uint64_t before = co_await wakes_before(&there);

    for (int i = 0; i < calls; ++i) co_await call(shard(1), [] {});
    const std::uint64_t after = co_await call(shard(1), wakes);
    auto end = [&there] { there.is_over = true; };
    co_await call(shard(1), std::move(end));
    const Result<void> joined = co_await scope.join();

    EXPECT_EQ(after, before);
    EXPECT_TRUE(joined);
  });

  EXPECT_TRUE(ended);
}

/// Sleeps until this shard has spun, or so often. \returns how often it has spun
Task<std::uint64_t> sleep_until_it_spins(int sleeps_max) {
  for (int i = 0; i < sleeps_max && stats().spins == 0; ++i) {
    co_await sleep_for(std::chrono::microseconds(50));
  }
  co_return stats().spins;
}

TEST_P(ShardTest, TriesWhetherSpinningSavesTime) {
  const auto ended = weir::run(options(), []() -> Task<void> {
    const std::uint64_t at_first = co_await sleep_until_it_spins(100);
    EXPECT_EQ(at_first, 0U);
    const std::uint64_t later = co_await sleep_until_it_spins(20'000);
    EXPECT_GT(later, 0U);
  });

  EXPECT_TRUE(ended);
}

TEST_P(ShardTest, DoesNotTryToSpinIfItIsNotToAdapt) {
  RuntimeOptions blocking = options();
  blocking.adaptive = false;

  const auto spins = weir::run(blocking, [] { return sleep_until_it_spins(2000); });

  EXPECT_EQ(*spins, 0U);
}

TEST_P(ShardTest, DoesNotTryToSpinWhereShardsShareAProcessor) {
  RuntimeOptions crowded = options(2);
  crowded.cpus.add(::sched_getcpu());

  const auto spins = weir::run(crowded, [] { return sleep_until_it_spins(2000); });

  EXPECT_EQ(*spins, 0U);
}

TEST_P(ShardTest, SpinsBeforeItBlocksIfToldSo) {
  RuntimeOptions spinning = options(2);
  spinning.spin = std::chrono::milliseconds(20);

  const auto ended = weir::run(spinning, []() -> Task<void> {
    for (int round = 0; round < 100; ++round) co_await call(shard(1), [] {});
    // A timer ends the spinning, it does not wait for its end.
    const TimePoint before = Clock::now();
    co_await sleep_for(std::chrono::microseconds(10));
    EXPECT_GE(Clock::now(), before + std::chrono::microseconds(10));
  });

  EXPECT_TRUE(ended);
}

TEST_P(ShardTest, SpinsForEverIfToldSo) {
  RuntimeOptions spinning = options(2);
  spinning.spin = Duration::max();

  const auto ended = weir::run(spinning, []() -> Task<void> {
    for (int round = 0; round < 10; ++round) co_await call(shard(1), [] {});
    co_await sleep_for(std::chrono::microseconds(10));
  });

  EXPECT_TRUE(ended);
}

/// Sets an event when the pool has memory again.
class EventWaiter final : public PoolWaiter {
 public:
  explicit EventWaiter(Event& event) : event_(event) {}
  void on_slab_available() noexcept override { event_.set(); }

 private:
  Event& event_;
};

std::vector<Buffer> take_all(BufferPool& pool) {
  std::vector<Buffer> taken;
  while (Slab* const slab = pool.try_acquire()) {
    taken.push_back(Buffer::adopt(*slab, 0, pool.slab_bytes()));
  }
  return taken;
}

TEST_P(ShardTest, ABufferReleasedOnAnotherShardWakesAStarvedPool) {
  RuntimeOptions small = options(2);
  small.buffer_budget_bytes = std::size_t{8} * (64 << 10);

  const auto ended = weir::run(small, []() -> Task<void> {
    BufferPool& pool = Shard::current().pool();
    std::vector<Buffer> taken = take_all(pool);
    Event available;
    EventWaiter waiter(available);
    pool.add_waiter(waiter);
    Scope scope;
    scope.spawn([](Buffer there) -> Task<void> {
      auto release_later = [buffer = std::move(there)]() mutable -> Task<void> {
        co_await sleep_for(std::chrono::milliseconds(1));
        const Buffer released = std::move(buffer);
        co_await sleep_for(std::chrono::milliseconds(1));
      };
      co_await call(shard(1), std::move(release_later));
    }(std::move(taken.back())));
    taken.pop_back();

    const Result<void> came = co_await with_timeout(std::chrono::seconds(30), available.wait());

    EXPECT_TRUE(came);
    EXPECT_NE(pool.stats().slabs_free, 0U);
    pool.remove_waiter(waiter);
    co_await scope.join();
  });

  EXPECT_TRUE(ended);
}

// Between the turn's look at what came back and the shard's sleep.
TEST_P(ShardTest, ABufferReleasedElsewhereJustBeforeItIsWaitedForWakesToo) {
  RuntimeOptions small = options();
  small.buffer_budget_bytes = std::size_t{8} * (64 << 10);

  const auto ended = weir::run(small, []() -> Task<void> {
    BufferPool& pool = Shard::current().pool();
    std::vector<Buffer> taken = take_all(pool);
    Event available;
    EventWaiter waiter(available);
    std::thread elsewhere([](Buffer buffer) { static_cast<void>(buffer); },
                          std::move(taken.back()));
    elsewhere.join();
    taken.pop_back();

    pool.add_waiter(waiter);
    const Result<void> came = co_await with_timeout(std::chrono::seconds(5), available.wait());

    EXPECT_TRUE(came);
    pool.remove_waiter(waiter);
  });

  EXPECT_TRUE(ended);
}

TEST_P(ShardTest, ABufferReleasedElsewhereWhileTheShardRunsOnWakesToo) {
  RuntimeOptions small = options();
  small.buffer_budget_bytes = std::size_t{8} * (64 << 10);

  const auto ended = weir::run(small, []() -> Task<void> {
    BufferPool& pool = Shard::current().pool();
    std::vector<Buffer> taken = take_all(pool);
    Event available;
    EventWaiter waiter(available);

    pool.add_waiter(waiter);
    std::thread elsewhere([](Buffer buffer) { static_cast<void>(buffer); },
                          std::move(taken.back()));
    elsewhere.join();  // the shard is awake: nobody has to wake it, and it must look all the same
    taken.pop_back();
    const Result<void> came = co_await with_timeout(std::chrono::seconds(5), available.wait());

    EXPECT_TRUE(came);
    pool.remove_waiter(waiter);
  });

  EXPECT_TRUE(ended);
}

// One sleep a round, and the need of each round is fresh: it is the sleep itself that has to end in
// time to give memory back, and more than once, because what was in use since the last time is
// kept.
TEST_P(ShardTest, AnIdleOneGivesMemoryBackAndThenSleepsForGood) {
  RuntimeOptions small = options();
  small.buffer_budget_bytes = std::size_t{64} * (64 << 10);

  const auto ended = weir::run(small, []() -> Task<void> {
    const auto slabs_free = [] { return stats().buffers.slabs_free; };
    std::size_t left = 64;
    for (int round = 0; round < 8 && left > 4; ++round) {
      take_all(Shard::current().pool()).clear();
      EXPECT_GE(slabs_free(), 60U);
      co_await sleep_for(std::chrono::milliseconds(2500));
      left = slabs_free();
    }
    EXPECT_LE(left, 4U);

    const std::uint64_t turns_before = stats().turns;
    co_await sleep_for(std::chrono::milliseconds(3500));

    // A look each second would be three more.
    EXPECT_LE(stats().turns - turns_before, 3U);
  });

  EXPECT_TRUE(ended);
}

/// Writes down when its turn ends; once, marks itself again from there.
class Flushed final : public detail::TurnEnd {
 public:
  explicit Flushed(Event& second) : second_(second) {}
  std::vector<std::size_t> batches;

 private:
  void at_turn_end(std::size_t batch) noexcept override {
    batches.push_back(batch);
    if (batches.size() == 1) {
      Shard::current().mark_turn_end(*this);
    } else {
      second_.set();
    }
  }

  Event& second_;
};

TEST_P(ShardTest, WhatIsMarkedAtATurnsEndIsServedBeforeTheShardSleeps) {
  const auto ended = run([]() -> Task<void> {
    Event second;
    Flushed flushed(second);

    Shard::current().mark_turn_end(flushed);
    Shard::current().mark_turn_end(flushed);
    const Result<void> came = co_await with_timeout(std::chrono::seconds(5), second.wait());

    EXPECT_TRUE(came);
    EXPECT_THAT(flushed.batches, ElementsAre(1, 1));
  });

  EXPECT_TRUE(ended);
}

TEST_P(ShardTest, WhatIsUnmarkedIsNotServed) {
  const auto ended = run([]() -> Task<void> {
    Event never;
    Flushed first(never);
    Flushed second(never);
    Flushed third(never);
    for (Flushed* entry : {&first, &second, &third}) Shard::current().mark_turn_end(*entry);

    Shard::current().unmark_turn_end(second);
    Shard::current().unmark_turn_end(second);
    co_await yield();
    co_await yield();

    EXPECT_EQ(first.batches.front(), 2U);
    EXPECT_TRUE(second.batches.empty());
    EXPECT_EQ(third.batches.front(), 2U);
    EXPECT_FALSE(first.marked());
  });

  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace weir
