#include "weir/base/slab_cursor.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/home_pool.h"

namespace weir {
namespace {

using test::HomePool;
using test::slab_bytes;

TEST(SlabCursor, TakesNothingBeforeItIsAsked) {
  HomePool pool;

  const SlabCursor cursor(*pool);

  EXPECT_EQ(cursor.slab(), nullptr);
  EXPECT_EQ(pool->stats().slabs_total, 0u);
}

TEST(SlabCursor, CutsManySlicesFromOneSlab) {
  HomePool pool;
  SlabCursor cursor(*pool);
  std::vector<Buffer> slices;

  for (std::size_t i = 0; i < 10; ++i) {
    const std::span<std::byte> tail = cursor.tail(100);
    EXPECT_EQ(tail.size(), slab_bytes - i * 100);
    std::memset(tail.data(), static_cast<int>(i), 100);
    slices.push_back(cursor.take(100));
  }

  EXPECT_EQ(pool->stats().slabs_application, 1u);
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(std::to_integer<std::size_t>(slices[i].bytes()[99]), i);
  }
}

TEST(SlabCursor, NeighbouringSlicesMergeInAChain) {
  HomePool pool;
  SlabCursor cursor(*pool);
  Chain inbox;

  for (int i = 0; i < 40; ++i) {
    static_cast<void>(cursor.tail(100));
    inbox.append(cursor.take(100));
  }

  EXPECT_EQ(inbox.buffer_count(), 1u);
}

TEST(SlabCursor, RestartsAtTheFrontWhenAllSlicesAreGone) {
  HomePool pool;
  SlabCursor cursor(*pool);
  const std::byte* const front = cursor.tail().data();

  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(cursor.tail(100).data(), front);
    const Buffer slice = cursor.take(100);
  }

  EXPECT_EQ(pool->stats().slabs_total, 1u);
}

TEST(SlabCursor, TakesANewSlabWhenTheRestIsTooSmall) {
  HomePool pool;
  SlabCursor cursor(*pool);
  static_cast<void>(cursor.tail());
  const Buffer slice = cursor.take(slab_bytes - 99);

  EXPECT_EQ(cursor.rest_bytes(), 99u);
  EXPECT_EQ(cursor.tail(99).size(), 99u);
  EXPECT_EQ(cursor.tail(100).size(), slab_bytes);

  EXPECT_EQ(pool->stats().slabs_application, 2u);
  EXPECT_EQ(slice.slab()->refs, 1) << "the cursor let the old slab go";
}

TEST(SlabCursor, FillsASlabToTheLastByte) {
  HomePool pool;
  SlabCursor cursor(*pool);
  static_cast<void>(cursor.tail());

  const Buffer whole = cursor.take(slab_bytes);

  EXPECT_EQ(cursor.rest_bytes(), 0u);
  EXPECT_EQ(cursor.tail().size(), slab_bytes);
  EXPECT_TRUE(cursor.take(0).empty());
}

TEST(SlabCursor, CopiesAsLongAsTheRestSuffices) {
  HomePool pool;
  SlabCursor cursor(*pool);
  const std::vector<std::byte> bytes(100, std::byte{7});
  EXPECT_TRUE(cursor.try_copy(bytes).empty()) << "there is no slab yet";
  static_cast<void>(cursor.tail());
  const Buffer first = cursor.take(slab_bytes - 250);

  const Buffer copy = cursor.try_copy(bytes);
  const Buffer next = cursor.try_copy(bytes);

  EXPECT_TRUE(first.is_followed_by(copy));
  EXPECT_TRUE(copy.is_followed_by(next));
  EXPECT_TRUE(std::ranges::equal(next.bytes(), bytes));
  EXPECT_TRUE(cursor.try_copy({}).empty());
  EXPECT_TRUE(cursor.try_copy(bytes).empty()) << "50 bytes are left";
  EXPECT_EQ(cursor.rest_bytes(), 50u);
}

TEST(SlabCursor, IsEmptyWhenThePoolIsExhaustedAndKeepsItsRest) {
  HomePool pool(2);
  SlabCursor cursor(*pool);
  static_cast<void>(cursor.tail());
  const Buffer slice = cursor.take(slab_bytes - 10);

  EXPECT_TRUE(cursor.tail(11).empty());

  EXPECT_EQ(cursor.tail(10).size(), 10u);
  EXPECT_EQ(pool->stats().exhausted_count, 1u);
}

TEST(SlabCursor, ResetsOnlyAnUnusedSlabBeforeIdling) {
  HomePool pool;
  SlabCursor cursor(*pool);
  static_cast<void>(cursor.tail());
  {
    const Buffer slice = cursor.take(10);
    cursor.reset_if_unused();
    EXPECT_NE(cursor.slab(), nullptr);
  }

  cursor.reset_if_unused();

  EXPECT_EQ(cursor.slab(), nullptr);
  EXPECT_EQ(pool->stats().slabs_free, 1u);
}

TEST(SlabCursor, ExtendsAChainThatEndsWhereItStands) {
  HomePool pool;
  SlabCursor cursor(*pool);
  Chain chain;
  EXPECT_EQ(cursor.try_extend(chain, 1), nullptr);  // there is no slab yet
  std::span<std::byte> tail = cursor.tail();
  chain.append(cursor.take(10));
  const int references = cursor.slab()->refs;

  EXPECT_EQ(cursor.try_extend(chain, 5), tail.data() + 10);
  EXPECT_EQ(cursor.try_extend(chain, slab_bytes - 15), tail.data() + 15);
  EXPECT_EQ(cursor.try_extend(chain, 1), nullptr);  // the slab is full

  EXPECT_EQ(chain.size(), slab_bytes);
  EXPECT_EQ(chain.buffer_count(), 1u);
  EXPECT_EQ(cursor.slab()->refs, references);
  chain.check_invariants();
}

TEST(SlabCursor, ExtendsNoChainThatEndsElsewhere) {
  HomePool pool;
  SlabCursor cursor(*pool);
  static_cast<void>(cursor.tail());
  Chain chain(cursor.take(10));
  Chain later(cursor.take(10));
  Chain empty;
  Chain other(pool.slab());

  EXPECT_EQ(cursor.try_extend(chain, 1), nullptr);
  EXPECT_EQ(cursor.try_extend(empty, 1), nullptr);
  EXPECT_EQ(cursor.try_extend(other, 1), nullptr);
  EXPECT_NE(cursor.try_extend(later, 1), nullptr);

  EXPECT_EQ(chain.size(), 10u);
  EXPECT_EQ(later.size(), 11u);
}

TEST(SlabCursor, DoesNotRestartWhileAnotherThreadMayHoldASlice) {
  HomePool pool;
  SlabCursor cursor(*pool);
  static_cast<void>(cursor.tail());
  Buffer slice = cursor.take(10);
  Buffer kept;
  std::thread([&] { kept = slice.share(); }).join();

  slice = Buffer{};

  EXPECT_EQ(cursor.tail().size(), slab_bytes - 10) << "the share is noted, not applied yet";
  pool->collect_foreign();
  EXPECT_EQ(cursor.tail().size(), slab_bytes - 10);
  kept = Buffer{};
  EXPECT_EQ(cursor.tail().size(), slab_bytes);
}

}  // namespace
}  // namespace weir
