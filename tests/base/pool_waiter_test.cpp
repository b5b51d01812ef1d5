#include "weir/base/pool_waiter.h"

#include <memory>
#include <semaphore>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/counting_waiter.h"
#include "tests/support/home_pool.h"

namespace weir {
namespace {

using test::CountingWaiter;
using test::exhaust;
using test::HomePool;

TEST(PoolWaiter, IsToldWhenASlabComesBack) {
  HomePool pool(4);
  std::vector<Buffer> slabs = exhaust(pool);
  CountingWaiter waiter;
  pool->add_waiter(waiter);
  EXPECT_EQ(waiter.told_count, 0);

  slabs.pop_back();

  EXPECT_EQ(waiter.told_count, 1);
  EXPECT_TRUE(waiter.is_waiting()) << "it waits until it is removed";
  pool->remove_waiter(waiter);
  slabs.clear();
  EXPECT_EQ(waiter.told_count, 1);
}

TEST(PoolWaiter, IsToldWhenALargeBlockComesBack) {
  HomePool pool(4);
  Buffer large = pool->allocate(3 * HomePool::slab_bytes).value();
  CountingWaiter waiter;
  pool->add_waiter(waiter);

  large = Buffer{};

  EXPECT_EQ(waiter.told_count, 1);
}

TEST(PoolWaiter, EachSlabTellsOneWaiterInTurn) {
  HomePool pool(8);
  std::vector<Buffer> slabs = exhaust(pool);
  CountingWaiter waiters[3];
  for (CountingWaiter& waiter : waiters) pool->add_waiter(waiter);

  for (int i = 0; i < 2; ++i) slabs.pop_back();
  EXPECT_EQ(waiters[0].told_count, 1);
  EXPECT_EQ(waiters[1].told_count, 1);
  EXPECT_EQ(waiters[2].told_count, 0);
  for (int i = 0; i < 4; ++i) slabs.pop_back();

  for (const CountingWaiter& waiter : waiters) EXPECT_EQ(waiter.told_count, 2);
}

TEST(PoolWaiter, ASlabThatNobodyTookIsOfferedToTheOthersNextTurn) {
  HomePool pool(8);
  std::vector<Buffer> slabs = exhaust(pool);
  CountingWaiter waiters[3];
  for (CountingWaiter& waiter : waiters) pool->add_waiter(waiter);
  slabs.pop_back();

  pool->collect_foreign();
  EXPECT_EQ(waiters[1].told_count, 1);
  pool->collect_foreign();
  EXPECT_EQ(waiters[2].told_count, 1);
  for (int turn = 0; turn < 10; ++turn) pool->collect_foreign();

  for (const CountingWaiter& waiter : waiters) EXPECT_EQ(waiter.told_count, 1) << "once a slab";
}

TEST(PoolWaiter, ASlabThatWasTakenIsOfferedToNobodyElse) {
  HomePool pool(8);
  std::vector<Buffer> slabs = exhaust(pool);
  CountingWaiter waiters[2];
  for (CountingWaiter& waiter : waiters) pool->add_waiter(waiter);
  slabs.pop_back();

  slabs.push_back(pool.slab());
  pool->collect_foreign();

  EXPECT_EQ(waiters[0].told_count, 1);
  EXPECT_EQ(waiters[1].told_count, 0);
}

TEST(PoolWaiter, AddingAndRemovingTwiceChangesNothing) {
  HomePool pool(4);
  std::vector<Buffer> slabs = exhaust(pool);
  CountingWaiter waiter;

  pool->add_waiter(waiter);
  pool->add_waiter(waiter);
  slabs.pop_back();
  EXPECT_EQ(waiter.told_count, 1);
  pool->remove_waiter(waiter);
  pool->remove_waiter(waiter);
  pool->check_invariants();
  slabs.clear();

  EXPECT_EQ(waiter.told_count, 1);
}

TEST(PoolWaiter, StopsWaitingWhenDestroyed) {
  HomePool pool(4);
  std::vector<Buffer> slabs = exhaust(pool);
  auto waiter = std::make_unique<CountingWaiter>();
  CountingWaiter other;
  pool->add_waiter(*waiter);
  pool->add_waiter(other);

  waiter.reset();
  pool->check_invariants();
  slabs.pop_back();

  EXPECT_EQ(other.told_count, 1);
}

TEST(PoolWaiter, IsToldByCollectingWhatOtherThreadsReleased) {
  HomePool pool(4);
  std::vector<Buffer> slabs = exhaust(pool);
  CountingWaiter waiter;
  pool->add_waiter(waiter);

  std::thread([slab = std::move(slabs.back())]() mutable { slab = Buffer{}; }).join();
  EXPECT_EQ(waiter.told_count, 0) << "not on the other thread";

  EXPECT_EQ(pool->collect_foreign(), 1u);
  EXPECT_EQ(waiter.told_count, 1);
}

// The wake hook of a shard: counts calls, and lets a thread wait for one.
struct Wake {
  std::counting_semaphore<> calls{0};
  static void call(void* context) { static_cast<Wake*>(context)->calls.release(); }
};

TEST(PoolWaiter, AReleaseElsewhereWakesTheShardOnceUntilItCollects) {
  Wake wake;
  HomePool pool(4);
  pool->set_foreign_wake(&Wake::call, &wake);
  std::vector<Buffer> slabs = exhaust(pool);
  CountingWaiter waiter;
  pool->add_waiter(waiter);

  std::thread([mine = std::move(slabs)]() mutable { mine.clear(); }).join();

  EXPECT_TRUE(wake.calls.try_acquire());
  EXPECT_FALSE(wake.calls.try_acquire());
  EXPECT_EQ(pool->collect_foreign(), 3u);
}

TEST(PoolWaiter, NobodyIsWokenWhileNobodyWaits) {
  Wake wake;
  HomePool pool(4);
  pool->set_foreign_wake(&Wake::call, &wake);
  std::vector<Buffer> slabs = exhaust(pool);
  {
    CountingWaiter waiter;
    pool->add_waiter(waiter);
  }

  std::thread([mine = std::move(slabs)]() mutable { mine.clear(); }).join();

  EXPECT_FALSE(wake.calls.try_acquire());
}

TEST(PoolWaiter, WhatCameBackJustBeforeTheWaitWakesTheShardToo) {
  Wake wake;
  HomePool pool(4);
  pool->set_foreign_wake(&Wake::call, &wake);
  std::vector<Buffer> slabs = exhaust(pool);
  std::thread([mine = std::move(slabs)]() mutable { mine.clear(); }).join();
  CountingWaiter waiter;

  pool->add_waiter(waiter);

  EXPECT_EQ(waiter.told_count, 0) << "not inside add_waiter";
  EXPECT_TRUE(wake.calls.try_acquire());
  pool->collect_foreign();
  EXPECT_EQ(waiter.told_count, 1);
}

TEST(PoolWaiter, NoWakeUpIsEverLost) {
  Wake wake;
  HomePool pool(2);
  pool->set_foreign_wake(&Wake::call, &wake);
  std::binary_semaphore has_slab(0);
  Buffer in_transit;
  constexpr int turns = 20'000;
  std::thread releaser([&] {
    for (int i = 0; i < turns; ++i) {
      has_slab.acquire();
      in_transit = Buffer{};
    }
  });

  for (int i = 0; i < turns; ++i) {
    Slab* slab = pool->try_acquire();
    if (slab == nullptr) {
      CountingWaiter waiter;
      pool->add_waiter(waiter);
      while (waiter.told_count == 0) {
        wake.calls.acquire();  // blocks for good if a wake-up is lost
        pool->collect_foreign();
      }
      slab = pool->try_acquire();
    }
    ASSERT_NE(slab, nullptr);
    in_transit = Buffer::adopt(*slab, 0, 1);
    has_slab.release();
  }

  releaser.join();
  pool->collect_foreign();
  EXPECT_EQ(pool->stats().slabs_free, 1u);
}

}  // namespace
}  // namespace weir
