#include "weir/base/buffer_pool.h"

#include <sys/mman.h>

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/home_pool.h"
#include "tests/support/seed.h"

namespace weir {
namespace {

using test::exhaust;
using test::HomePool;
using test::slab_bytes;

TEST(BufferPoolOptions, AreCheckedBeforeUse) {
  struct Case {
    const char* name;
    BufferPool::Options options;
    bool is_valid;
  };
  for (const Case& c : {
           Case{"defaults", {}, true},
           Case{"two slabs", {.budget_bytes = 8192, .slab_bytes = 4096}, true},
           Case{"one slab", {.budget_bytes = 8191, .slab_bytes = 4096}, false},
           Case{"no budget", {.budget_bytes = 0, .slab_bytes = 4096}, false},
           Case{"smaller than a page", {.budget_bytes = 1 << 20, .slab_bytes = 2048}, false},
           Case{"no power of two", {.budget_bytes = 1 << 20, .slab_bytes = 12288}, false},
           Case{"no slab", {.budget_bytes = 1 << 20, .slab_bytes = 0}, false},
           Case{"a slab too large", {.budget_bytes = 1 << 30, .slab_bytes = 32 << 20}, false},
       }) {
    SCOPED_TRACE(c.name);

    const Result<> result = c.options.validate();

    EXPECT_EQ(result.has_value(), c.is_valid);
    if (!result) {
      EXPECT_EQ(result.error(), Error::option_invalid);
    }
  }
}

TEST(BufferPool, TakesNoMemoryWhileUnused) {
  HomePool pool;

  EXPECT_EQ(pool->stats().total_bytes, 0u);
  EXPECT_EQ(pool->stats().budget_bytes, 64 * slab_bytes);
}

TEST(BufferPool, SlabsAreAlignedToTheirSize) {
  HomePool pool(8, 64 << 10);

  for (const Buffer& slab : exhaust(pool)) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(slab.data()) % (64 << 10), 0u);
    EXPECT_EQ(slab.size(), std::size_t{64} << 10);
  }
}

TEST(BufferPool, ReusesTheSlabThatCameBackLast) {
  HomePool pool;
  Slab* const first = pool->try_acquire();
  Slab* const second = pool->try_acquire();
  first->release();
  second->release();

  Slab* const third = pool->try_acquire();

  EXPECT_EQ(third, second);
  third->release();
}

TEST(BufferPool, StopsAtItsBudgetLessTheReserve) {
  HomePool pool(8);

  std::vector<Buffer> slabs = exhaust(pool);

  EXPECT_EQ(slabs.size(), 7u);
  EXPECT_EQ(pool->try_acquire(), nullptr);
  EXPECT_EQ(pool->allocate(1).error(), Error::pool_exhausted);
  EXPECT_EQ(pool->allocate(slab_bytes).error(), Error::pool_exhausted);
  EXPECT_EQ(pool->allocate(slab_bytes + 1).error(), Error::pool_exhausted);
  EXPECT_EQ(pool->stats().exhausted_count, 4u);
  slabs.pop_back();
  EXPECT_TRUE(pool->can_acquire());
  EXPECT_TRUE(pool->allocate(1).has_value());
}

TEST(BufferPool, CountsWhereEachSlabIs) {
  HomePool pool;
  Slab* const first = pool->try_acquire();
  Slab* const second = pool->try_acquire();
  Slab* const third = pool->try_acquire();

  pool->mark_kernel(*first);
  pool->mark_kernel(*second);
  pool->mark_application(*second);
  third->release();

  const BufferPool::Stats stats = pool->stats();
  EXPECT_EQ(stats.slabs_kernel, 1u);
  EXPECT_EQ(stats.slabs_application, 1u);
  EXPECT_EQ(stats.slabs_free, 1u);
  EXPECT_EQ(stats.slabs_total, 3u);
  EXPECT_EQ(stats.total_bytes, 3 * slab_bytes);
  pool->check_invariants();
  pool->mark_application(*first);
  first->release();
  second->release();
}

TEST(BufferPoolAllocate, CutsSmallPiecesFromOneSlab) {
  HomePool pool;

  const Buffer first = pool->allocate(100).value();
  const Buffer second = pool->allocate(200).value();

  EXPECT_EQ(first.size(), 100u);
  EXPECT_TRUE(first.is_followed_by(second));
  EXPECT_EQ(pool->stats().slabs_application, 1u);
}

TEST(BufferPoolAllocate, StartsAtTheFrontAgainWhenAllPiecesAreGone) {
  HomePool pool;

  for (int i = 0; i < 1000; ++i) EXPECT_EQ(pool->allocate(100).value().offset(), 0u);

  EXPECT_EQ(pool->stats().slabs_total, 1u);
}

TEST(BufferPoolAppend, SmallPiecesOfAChainBecomeOneBuffer) {
  HomePool pool;
  const Buffer before = pool->allocate(1).value();  // so there is a shared slab
  Chain chain;
  Chain other;

  std::byte* const first = pool->try_append(chain, 3);
  std::byte* const second = pool->try_append(chain, 4);
  std::byte* const elsewhere = pool->try_append(other, 1);
  std::byte* const third = pool->try_append(chain, 2);

  ASSERT_NE(first, nullptr);
  EXPECT_EQ(second, first + 3);
  EXPECT_EQ(elsewhere, first + 7);
  EXPECT_EQ(third, first + 8);
  EXPECT_EQ(chain.buffer_count(), 2u);
  EXPECT_EQ(chain.size(), 9u);
  chain.check_invariants();
}

TEST(BufferPoolAppend, LeavesTheChainAsItWasWhereTheSharedSlabHasNoRoom) {
  HomePool pool;
  Chain chain;
  EXPECT_EQ(pool->try_append(chain, 1), nullptr);  // there is no such slab yet
  const Buffer most = pool->allocate(slab_bytes - 10).value();

  EXPECT_NE(pool->try_append(chain, 10), nullptr);
  EXPECT_EQ(pool->try_append(chain, 1), nullptr);

  EXPECT_EQ(chain.size(), 10u);
  chain.check_invariants();
}

TEST(BufferPoolAllocate, ALargePieceLeavesAUsefulRestAlone) {
  HomePool pool;
  const Buffer small = pool->allocate(100).value();

  const Buffer large = pool->allocate(slab_bytes - 99).value();
  const Buffer next = pool->allocate(100).value();

  EXPECT_NE(large.slab(), small.slab());
  EXPECT_TRUE(small.is_followed_by(next));
}

TEST(BufferPoolAllocate, AnythingUpToASlabFitsASlab) {
  HomePool pool(4);
  for (const std::size_t size : {std::size_t{1}, slab_bytes / 4, slab_bytes / 4 + 1, slab_bytes}) {
    Buffer buffer = pool->allocate(size).value();

    EXPECT_EQ(buffer.writable().size(), size);
    EXPECT_EQ(buffer.slab()->kind, Slab::Kind::pooled);
  }
  EXPECT_TRUE(pool->allocate(0).value().empty());
}

TEST(BufferPoolAllocate, MoreThanASlabGetsABlockOfItsOwn) {
  HomePool pool;

  Buffer buffer = pool->allocate(10 * slab_bytes + 1).value();
  std::ranges::fill(buffer.writable(), std::byte{1});

  EXPECT_EQ(buffer.slab()->kind, Slab::Kind::oversize);
  EXPECT_EQ(pool->stats().oversize_count, 1u);
  EXPECT_EQ(pool->stats().oversize_bytes, 11 * slab_bytes) << "whole pages are counted";
  pool->check_invariants();
  buffer = Buffer{};
  EXPECT_EQ(pool->stats().total_bytes, 0u);
}

TEST(BufferPoolAllocate, LargeBlocksAndSlabsShareTheBudget) {
  HomePool pool(8);
  const Buffer large = pool->allocate(5 * slab_bytes).value();

  const std::vector<Buffer> slabs = exhaust(pool);

  EXPECT_EQ(slabs.size(), 2u);
  EXPECT_EQ(pool->stats().total_bytes, 7 * slab_bytes);
}

TEST(BufferPoolAllocate, ALargeBlockDisplacesFreeSlabs) {
  HomePool pool(8);
  exhaust(pool).clear();
  ASSERT_EQ(pool->stats().slabs_free, 7u);

  const Buffer large = pool->allocate(5 * slab_bytes).value();

  EXPECT_LE(pool->stats().total_bytes, pool->budget_bytes());
  pool->check_invariants();
}

TEST(BufferPoolAllocate, RefusesWhatCanNeverFit) {
  HomePool pool(8);

  EXPECT_TRUE(pool->allocate(7 * slab_bytes).has_value());
  EXPECT_EQ(pool->allocate(7 * slab_bytes + 1).error(), Error::pool_exhausted);
  EXPECT_EQ(pool->allocate(SIZE_MAX).error(), Error::pool_exhausted);
  EXPECT_EQ(pool->allocate(std::size_t{1} << 40).error(), Error::pool_exhausted);
}

TEST(BufferPoolAllocate, CopiesBytes) {
  HomePool pool;
  const std::string large(3 * slab_bytes, 'x');

  const Buffer small_copy = pool->copy(as_bytes("abc")).value();
  const Buffer large_copy = pool->copy(as_bytes(large)).value();

  EXPECT_EQ(as_text(small_copy.bytes()), "abc");
  EXPECT_EQ(as_text(large_copy.bytes()), large);
  EXPECT_TRUE(pool->copy({}).value().empty());
}

// Resident pages of the address range, which stays mapped after a trim.
std::size_t resident_pages(const void* memory, std::size_t bytes) {
  std::vector<unsigned char> pages((bytes + 4095) / 4096);
  EXPECT_EQ(::mincore(const_cast<void*>(memory), bytes, pages.data()), 0);
  std::size_t count = 0;
  for (const unsigned char page : pages) count += page & 1;
  return count;
}

TEST(BufferPoolTrim, GivesMemoryBackToTheSystem) {
  HomePool pool(64, 64 << 10);
  std::vector<Buffer> slabs = exhaust(pool);
  for (Buffer& slab : slabs) std::ranges::fill(slab.writable(), std::byte{1});
  const void* const memory = slabs[10].data();
  ASSERT_EQ(resident_pages(memory, 64 << 10), 16u);
  slabs.clear();

  const std::size_t given_back = pool->trim(0);

  EXPECT_EQ(given_back, 63u);
  EXPECT_EQ(pool->stats().total_bytes, 0u);
  EXPECT_EQ(resident_pages(memory, 64 << 10), 0u);
}

TEST(BufferPoolTrim, KeepsTheSlabsUsedLast) {
  HomePool pool;
  std::vector<Slab*> slabs;
  for (int i = 0; i < 5; ++i) slabs.push_back(pool->try_acquire());
  for (Slab* slab : slabs) slab->release();

  EXPECT_EQ(pool->trim(2), 3u);

  EXPECT_EQ(pool->stats().slabs_free, 2u);
  EXPECT_EQ(slabs[4]->place, Slab::Place::free);
  EXPECT_EQ(slabs[3]->place, Slab::Place::free);
  EXPECT_EQ(slabs[0]->place, Slab::Place::cold);
  EXPECT_EQ(pool->trim(2), 0u);
}

TEST(BufferPoolTrim, ColdSlabsComeBackZeroedAndUsable) {
  HomePool pool;
  {
    Buffer slab = pool.slab();
    std::ranges::fill(slab.writable(), std::byte{1});
  }
  pool->trim(0);

  const Buffer again = pool.slab();

  EXPECT_EQ(again.bytes()[0], std::byte{0});
  EXPECT_EQ(pool->stats().slabs_total, 1u);
}

TEST(BufferPoolTrim, LetsTheUnusedOutputSlabGo) {
  HomePool pool;
  static_cast<void>(pool->allocate(10).value());
  ASSERT_EQ(pool->stats().slabs_application, 1u);

  EXPECT_EQ(pool->trim(0), 1u);

  EXPECT_EQ(pool->stats().total_bytes, 0u);
}

TEST(BufferPoolTrim, UnusedMeansNotNeededSinceTheLastCall) {
  HomePool pool;
  std::vector<Buffer> slabs = exhaust(pool);
  pool->trim_unused();
  slabs.resize(3);
  EXPECT_EQ(pool->trim_unused(), 0u) << "they were all in use until just now";

  slabs.push_back(pool.slab());
  slabs.pop_back();

  EXPECT_EQ(pool->trim_unused(), 59u) << "one of 60 was needed";
  EXPECT_EQ(pool->trim_unused(), 1u);
  EXPECT_EQ(pool->stats().slabs_free, 0u);
}

TEST(BufferPoolHome, BelongsToOneThreadAtATime) {
  BufferPool pool({.budget_bytes = 1 << 20, .slab_bytes = 4096});
  EXPECT_EQ(BufferPool::current(), nullptr);

  pool.make_current();
  EXPECT_EQ(BufferPool::current(), &pool);
  pool.clear_current();

  EXPECT_EQ(BufferPool::current(), nullptr);
}

TEST(BufferPoolHome, APoolWithoutAHomeStillCounts) {
  BufferPool pool({.budget_bytes = 1 << 20, .slab_bytes = 4096});

  {
    const Buffer first = pool.copy(as_bytes("abc")).value();
    const Buffer second = first.share();
  }
  pool.collect_foreign();

  EXPECT_EQ(pool.stats().slabs_application, 1u) << "the output slab";
  pool.trim(0);
  pool.collect_foreign();
  EXPECT_EQ(pool.stats().slabs_application, 0u);
  pool.check_invariants();
}

TEST(BufferPoolHome, EndingAsTheCurrentPoolClearsIt) {
  {
    BufferPool pool({.budget_bytes = 1 << 20, .slab_bytes = 4096});
    pool.make_current();
  }

  EXPECT_EQ(BufferPool::current(), nullptr);
}

TEST(BufferPoolModel, KeepsItsInvariantsUnderRandomUse) {
  const test::Seed seed;
  SCOPED_TRACE(seed.text());
  std::mt19937_64 random(seed.value());
  HomePool pool(32);
  std::vector<Buffer> buffers;
  const auto below = [&random](std::size_t bound) { return random() % bound; };

  for (int i = 0; i < 20'000; ++i) {
    const std::size_t action = below(10);
    if (action < 5) {
      const std::size_t limits[] = {100, slab_bytes, 5 * slab_bytes};
      auto buffer = pool->allocate(1 + below(limits[below(3)]));
      if (buffer) {
        std::ranges::fill(buffer->writable(), static_cast<std::byte>(i));
        buffers.push_back(std::move(*buffer));
      } else {
        buffers.resize(buffers.size() / 2);
      }
    } else if (action < 7 && !buffers.empty()) {
      buffers.push_back(buffers[below(buffers.size())].share());
    } else if (action < 9 && !buffers.empty()) {
      std::swap(buffers[below(buffers.size())], buffers.back());
      buffers.pop_back();
    } else if (below(100) == 0) {
      pool->trim(below(4));
    }
    pool->check_invariants();
  }
  buffers.clear();
  pool->trim(0);

  EXPECT_EQ(pool->stats().total_bytes, 0u);
}

TEST(BufferPoolDeathTest, EndsTheProcessWhenBuffersAreOut) {
  const auto leak = [] {
    Buffer out;
    BufferPool pool({.budget_bytes = 1 << 20, .slab_bytes = 4096});
    pool.make_current();
    out = pool.allocate(100).value();
    Buffer large = pool.allocate(10'000).value();
    out = Buffer::adopt(*pool.try_acquire(), 0, 1);
    static_cast<void>(new Buffer(std::move(large)));
  };

  EXPECT_DEATH(leak(), "1 slabs \\(0 of them held by the kernel\\) and 1 larger ones");
}

TEST(BufferPoolDeathTest, TheKernelMustBeDoneBeforeTheLastRelease) {
  HomePool pool;
  Slab* const slab = pool->try_acquire();
  pool->mark_kernel(*slab);

  EXPECT_DEATH(slab->release(), "Place::application");

  pool->mark_application(*slab);
  slab->release();
}

TEST(BufferPoolDeathTest, AThreadHasOnePool) {
  HomePool first;
  BufferPool second;

  EXPECT_DEATH(second.make_current(), "current_pool == nullptr");
  EXPECT_DEATH(second.clear_current(), "current_pool == this");
}

}  // namespace
}  // namespace weir
