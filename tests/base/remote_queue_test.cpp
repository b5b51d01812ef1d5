// Buffers that leave their shard and come home.
#include "weir/base/remote_queue.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <random>
#include <semaphore>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/home_pool.h"
#include "tests/support/seed.h"

namespace weir {
namespace {

using test::HomePool;

// Runs `work` on another thread to its end.
template <class Work>
void elsewhere(Work work) {
  std::thread(std::move(work)).join();
}

TEST(RemoteRelease, TakesEffectWhenTheHomeShardCollects) {
  HomePool pool;
  Buffer buffer = pool.slab();

  elsewhere([&] { buffer = Buffer{}; });
  EXPECT_EQ(pool->stats().slabs_free, 0u);

  EXPECT_EQ(pool->collect_foreign(), 1u);
  EXPECT_EQ(pool->stats().slabs_free, 1u);
  EXPECT_EQ(pool->collect_foreign(), 0u);
}

TEST(RemoteRelease, ManyReleasesOfOneSlabAreAppliedTogether) {
  HomePool pool;
  Buffer whole = pool.slab();
  std::vector<Buffer> slices;
  for (std::size_t i = 0; i < 100; ++i) slices.push_back(whole.slice(i, 1));

  elsewhere([&] { slices.clear(); });
  EXPECT_EQ(whole.slab()->refs, 101);
  pool->collect_foreign();

  EXPECT_EQ(whole.slab()->refs, 1);
}

TEST(RemoteRelease, LargeBlocksComeHomeToo) {
  HomePool pool;
  Buffer large = pool->allocate(3 * HomePool::slab_bytes).value();

  elsewhere([&] { large = Buffer{}; });
  EXPECT_EQ(pool->stats().oversize_count, 1u);
  pool->collect_foreign();

  EXPECT_EQ(pool->stats().oversize_count, 0u);
}

TEST(RemoteShare, KeepsTheSlabAliveWhenTheHomeReferencesGo) {
  HomePool pool;
  Buffer buffer = pool.buffer("bytes");
  Buffer kept;
  elsewhere([&] { kept = buffer.share(); });

  buffer = Buffer{};
  pool->trim(0);
  pool->collect_foreign();

  EXPECT_EQ(as_text(kept.bytes()), "bytes");
  kept = Buffer{};
  pool->trim(0);
  EXPECT_EQ(pool->stats().slabs_total, 0u);
}

TEST(RemoteShare, ACopyThatComesHomeMayGoBeforeTheOriginal) {
  HomePool pool;
  Buffer original = pool.slab();
  Buffer copies[3];
  elsewhere([&] {
    for (Buffer& copy : copies) copy = original.share();
  });

  for (Buffer& copy : copies) copy = Buffer{};
  EXPECT_EQ(pool->stats().slabs_free, 0u);
  elsewhere([&] { original = Buffer{}; });
  pool->collect_foreign();

  EXPECT_EQ(pool->stats().slabs_free, 1u);
}

TEST(RemoteShare, SharesAndReleasesCancelOut) {
  HomePool pool;
  Buffer buffer = pool.slab();

  elsewhere([&] {
    for (int i = 0; i < 10; ++i) static_cast<void>(buffer.share());
  });
  pool->collect_foreign();

  EXPECT_EQ(buffer.slab()->refs, 1);
  EXPECT_TRUE(buffer.slab()->is_only_reference());
}

TEST(RemoteRelease, BuffersOfAnotherPoolGoToTheirOwn) {
  HomePool pool;
  Buffer buffer = pool.slab();

  elsewhere([&] {
    HomePool other;
    Buffer own = other.slab();
    buffer = std::move(own);
    buffer = Buffer{};
    EXPECT_EQ(other->stats().slabs_free, 1u);
  });
  pool->collect_foreign();

  EXPECT_EQ(pool->stats().slabs_free, 1u);
}

TEST(RemoteRelease, ThePoolMayEndAsSoonAsEverythingIsHome) {
  for (int i = 0; i < 500; ++i) {
    auto pool = std::make_unique<HomePool>(4);
    std::thread thread([buffer = pool->slab()]() mutable { buffer = Buffer{}; });

    while ((*pool)->collect_foreign() == 0) std::this_thread::yield();
    pool.reset();

    thread.join();
  }
}

// The hook ends only after the home shard was free to go on, had it not waited.
TEST(RemoteRelease, TheHomeShardCanWaitForThreadsInsideTheWakeHook) {
  struct Hook {
    std::binary_semaphore entered{0};
    std::atomic<bool> home_goes_on{false};
    std::atomic<bool> has_ended{false};
  } hook;
  HomePool pool;
  pool->set_foreign_wake(
      [](void* context) {
        auto& self = *static_cast<Hook*>(context);
        self.entered.release();
        while (!self.home_goes_on) std::this_thread::yield();
        for (int i = 0; i < 1000; ++i) std::this_thread::yield();
        self.has_ended = true;
      },
      &hook);
  struct Waiter final : PoolWaiter {
    void on_slab_available() noexcept override {}
  } waiter;
  pool->add_waiter(waiter);
  std::thread thread([buffer = pool.slab()]() mutable { buffer = Buffer{}; });
  hook.entered.acquire();

  hook.home_goes_on = true;
  pool->finish_foreign_wakes();
  EXPECT_TRUE(hook.has_ended);

  thread.join();
  pool->collect_foreign();
}

// Buffers pass between threads at random, each thread sharing, slicing and releasing.
class Exchange {
 public:
  void put(Buffer buffer) {
    const std::lock_guard lock(mutex_);
    buffers_.push_back(std::move(buffer));
  }
  Buffer take(std::uint64_t random) {
    const std::lock_guard lock(mutex_);
    if (buffers_.empty()) return {};
    std::swap(buffers_[random % buffers_.size()], buffers_.back());
    Buffer buffer = std::move(buffers_.back());
    buffers_.pop_back();
    return buffer;
  }

 private:
  std::mutex mutex_;
  std::vector<Buffer> buffers_;
};

void use_at_random(Exchange& exchange, std::uint64_t seed, const std::atomic<bool>& is_over) {
  std::mt19937_64 random(seed);
  std::vector<Buffer> mine;
  while (!is_over) {
    Buffer buffer = exchange.take(random());
    if (buffer.empty()) {
      mine.clear();  // they may be what the pool is exhausted of
      std::this_thread::yield();
      continue;
    }
    ASSERT_EQ(buffer.bytes().front(), buffer.bytes().back());
    switch (random() % 4) {
      case 0:
        break;
      case 1:
        exchange.put(buffer.share());
        [[fallthrough]];
      case 2:
        exchange.put(std::move(buffer));
        break;
      case 3:
        mine.push_back(buffer.slice(random() % buffer.size(), 1));
        break;
    }
    if (mine.size() > 20) mine.resize(10);
  }
}

TEST(RemoteRelease, CountsStayRightWhenManyThreadsShareAndRelease) {
  const test::Seed seed;
  SCOPED_TRACE(seed.text());
  std::mt19937_64 random(seed.value());
  HomePool pool(64);
  Exchange exchange;
  std::atomic<bool> is_over{false};
  std::vector<std::thread> threads;
  for (std::uint64_t i = 0; i < 3; ++i) {
    threads.emplace_back([&, i] { use_at_random(exchange, seed.value() + i, is_over); });
  }

  for (int turn = 0; turn < 2000; ++turn) {
    for (int i = 0; i < 10; ++i) {
      auto buffer = pool->allocate(i == 7 ? 5000 : 1 + random() % 300);
      if (!buffer) continue;
      std::ranges::fill(buffer->writable(), static_cast<std::byte>(turn));
      exchange.put(std::move(*buffer));
    }
    const Buffer back = exchange.take(random());
    const Buffer shared = back.share();
    if (turn % 3 == 0) pool->collect_foreign();
    pool->check_invariants();
  }
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  while (!exchange.take(0).empty()) {
  }
  pool->collect_foreign();
  pool->trim(0);

  EXPECT_EQ(pool->stats().total_bytes, 0u);
}

}  // namespace
}  // namespace weir
