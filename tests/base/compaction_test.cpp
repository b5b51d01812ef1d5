#include "base/compaction.h"

#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/counting_waiter.h"
#include "tests/support/home_pool.h"
#include "tests/support/seed.h"
#include "weir/base/allocate.h"
#include "weir/base/pool_holder.h"
#include "weir/base/slab_cursor.h"

namespace weir {
namespace {

using test::CountingWaiter;
using test::HomePool;
using test::slab_bytes;

// One peer's inbox.
struct Inbox final : PoolHolder {
  void for_each_chain(FunctionRef<void(Chain&)> visit) noexcept override { visit(chain); }
  Chain chain;
};

// A slab of which `text` is all that is held.
Buffer sparse(HomePool& pool, std::string_view text, std::size_t offset = 0) {
  Slab& slab = *pool->try_acquire();
  Buffer buffer = Buffer::adopt(slab, offset, text.size());
  std::ranges::copy(as_bytes(text), buffer.writable().begin());
  return buffer;
}

TEST(Compaction, TakesTheSlabForOutputBackIfNothingOfItIsInUse) {
  HomePool pool(/*slabs=*/2);
  static_cast<void>(pool.buffer("sent and gone"));
  ASSERT_FALSE(pool->can_acquire());

  EXPECT_EQ(pool->compact(), 1u);

  EXPECT_TRUE(pool->can_acquire());
}

TEST(Compaction, LeavesTheSlabForOutputWhileSomethingOfItIsInUse) {
  HomePool pool(/*slabs=*/2);
  const Buffer queued = pool.buffer("queued");

  EXPECT_EQ(pool->compact(), 0u);

  EXPECT_EQ(as_text(queued.bytes()), "queued");
  EXPECT_FALSE(pool->can_acquire());
}

TEST(Compaction, CopiesWhatSparseSlabsHoldTogether) {
  HomePool pool(8);
  Inbox inboxes[7];
  for (std::size_t i = 0; i < 7; ++i) {
    pool->add_holder(inboxes[i]);
    inboxes[i].chain.append(sparse(pool, std::to_string(i), i * 100));
  }
  ASSERT_EQ(pool->try_acquire(), nullptr);

  const std::size_t won = pool->compact();

  EXPECT_EQ(won, 6u);
  EXPECT_EQ(pool->stats().slabs_application, 1u);
  EXPECT_EQ(pool->stats().slabs_free, 7u);
  for (std::size_t i = 0; i < 7; ++i) EXPECT_EQ(inboxes[i].chain, std::to_string(i));
  pool->check_invariants();
  EXPECT_TRUE(pool->can_acquire());
}

TEST(Compaction, NeedsNoAllocation) {
  HomePool pool(8);
  Inbox inbox;
  pool->add_holder(inbox);
  for (int i = 0; i < 7; ++i) inbox.chain.append(sparse(pool, "x"));
  const std::uint64_t before = allocation_count();

  EXPECT_EQ(pool->compact(), 6u);

  EXPECT_EQ(allocation_count(), before);
}

TEST(Compaction, WhatLandsSideBySideInOneChainMerges) {
  HomePool pool(16);
  Inbox inbox;
  pool->add_holder(inbox);
  std::string expected;
  for (int i = 0; i < 15; ++i) {
    inbox.chain.append(sparse(pool, "piece " + std::to_string(i)));
    expected += "piece " + std::to_string(i);
  }

  EXPECT_GT(pool->compact(), 0u);

  EXPECT_EQ(inbox.chain, expected);
  EXPECT_EQ(inbox.chain.buffer_count(), 1u);
  inbox.chain.check_invariants();
}

TEST(Compaction, LeavesSlabsAloneThatOthersReferTo) {
  HomePool pool(8);
  Inbox inbox;
  pool->add_holder(inbox);
  for (int i = 0; i < 7; ++i) inbox.chain.append(sparse(pool, "abc", static_cast<std::size_t>(i)));
  const Chain lent = inbox.chain.share();
  const std::byte* const view = inbox.chain.front().data();

  EXPECT_EQ(pool->compact(), 0u);

  EXPECT_EQ(inbox.chain.front().data(), view);
}

TEST(Compaction, LeavesFullSlabsAlone) {
  HomePool pool(8);
  Inbox inbox;
  pool->add_holder(inbox);
  for (int i = 0; i < 7; ++i)
    inbox.chain.append(sparse(pool, std::string(slab_bytes / 2 + 1, 'x')));

  EXPECT_EQ(pool->compact(), 0u);
}

TEST(Compaction, HalfFullSlabsAreWorthIt) {
  HomePool pool(8);
  Inbox inbox;
  pool->add_holder(inbox);
  std::string expected;
  for (char letter = 'a'; letter < 'h'; ++letter) {
    inbox.chain.append(sparse(pool, std::string(slab_bytes / 2, letter)));
    expected += std::string(slab_bytes / 2, letter);
  }

  std::size_t won = 0;
  while (const std::size_t more = pool->compact()) won += more;

  EXPECT_EQ(won, 3u);
  EXPECT_EQ(pool->stats().slabs_application, 4u);
  EXPECT_EQ(inbox.chain, expected);
}

TEST(Compaction, OneSparseSlabIsNotMoved) {
  HomePool pool(8);
  Inbox inbox;
  pool->add_holder(inbox);
  inbox.chain.append(sparse(pool, "alone"));
  const std::byte* const place = inbox.chain.front().data();

  EXPECT_EQ(pool->compact(), 0u);

  EXPECT_EQ(inbox.chain.front().data(), place);
  pool->check_invariants();
}

TEST(Compaction, LeavesSlabsOfTheKernelAlone) {
  HomePool pool(8);
  Inbox inbox;
  pool->add_holder(inbox);
  Slab* const first = pool->try_acquire();
  Slab* const second = pool->try_acquire();
  for (Slab* slab : {first, second}) {
    pool->mark_kernel(*slab);
    inbox.chain.append(Buffer::adopt(*slab, 0, 10));
  }

  EXPECT_EQ(pool->compact(), 0u);

  pool->mark_application(*first);
  pool->mark_application(*second);
}

TEST(Compaction, IgnoresHeapAndLargeBuffers) {
  HomePool pool(64);
  Inbox inbox;
  pool->add_holder(inbox);
  for (int i = 0; i < 3; ++i) {
    inbox.chain.append(sparse(pool, "x"));
    inbox.chain.append(test::heap_buffer("heap"));
    Buffer large = pool->allocate(2 * slab_bytes).value();
    large.trim_back(large.size() - 1);
    large.writable()[0] = std::byte{'L'};
    inbox.chain.append(std::move(large));
  }

  EXPECT_EQ(pool->compact(), 2u);

  EXPECT_EQ(inbox.chain, "xheapLxheapLxheapL");
}

TEST(Compaction, SharedBytesWithinHoldersGetTheirOwnCopies) {
  HomePool pool(8);
  Inbox first, second;
  pool->add_holder(first);
  pool->add_holder(second);
  for (int i = 0; i < 3; ++i) first.chain.append(sparse(pool, "abc"));
  second.chain = first.chain.share();

  EXPECT_EQ(pool->compact(), 2u);

  EXPECT_EQ(first.chain, "abcabcabc");
  EXPECT_EQ(second.chain, "abcabcabc");
  EXPECT_EQ(pool->stats().slabs_application, 1u);
}

TEST(Compaction, LeavesSlabsAloneThatAnotherThreadShared) {
  HomePool pool(8);
  Inbox inbox;
  pool->add_holder(inbox);
  Buffer kept[2];
  for (Buffer& each : kept) {
    Buffer original = sparse(pool, "abc");
    Buffer copy;
    std::thread([&] { copy = original.share(); }).join();
    inbox.chain.append(std::move(copy));
    each = std::move(original);
  }

  EXPECT_EQ(pool->compact(), 0u);

  for (const Buffer& each : kept) EXPECT_EQ(as_text(each.bytes()), "abc");
}

TEST(Compaction, TellsAWaiter) {
  HomePool pool(8);
  Inbox inbox;
  CountingWaiter waiter;
  pool->add_holder(inbox);
  while (pool->can_acquire()) inbox.chain.append(sparse(pool, "x"));
  pool->add_waiter(waiter);

  pool->compact();

  EXPECT_EQ(waiter.told_count, 1);
  EXPECT_EQ(pool->stats().compactions, 1u);
  EXPECT_EQ(pool->stats().slabs_compacted, 6u);
}

TEST(Compaction, HoldersLeaveWhenRemovedOrDestroyed) {
  HomePool pool(8);
  Inbox removed;
  pool->add_holder(removed);
  pool->add_holder(removed);
  {
    Inbox destroyed;
    pool->add_holder(destroyed);
  }
  pool->remove_holder(removed);
  pool->remove_holder(removed);
  for (int i = 0; i < 3; ++i) removed.chain.append(sparse(pool, "x"));

  EXPECT_EQ(pool->compact(), 0u);
}

// The slow-peer attack: thousands of connections, each with a few bytes in every slab.
TEST(Compaction, ThousandsOfTricklingPeersCannotPinThePool) {
  constexpr std::size_t slabs = 256;
  constexpr std::size_t peers = 5000;
  HomePool pool(slabs);
  std::vector<Inbox> inboxes(peers);
  std::vector<std::string> sent(peers);
  for (Inbox& inbox : inboxes) pool->add_holder(inbox);
  SlabCursor cursor(*pool);
  std::size_t peer = 0;

  // Each slab ends up with 20 pieces of 1 to 8 bytes that are kept; the rest was read and is gone.
  for (std::size_t kept = 0; cursor.tail(64).size() >= 64; ++kept, peer = (peer + 1) % peers) {
    const std::string text = std::to_string(kept);
    std::ranges::copy(as_bytes(text), cursor.tail(64).begin());
    inboxes[peer].chain.append(cursor.take(text.size()));
    sent[peer] += text;
    static_cast<void>(cursor.take(slab_bytes / 20 - text.size()));
  }
  cursor.reset();
  ASSERT_FALSE(pool->can_acquire());

  std::size_t won = 0;
  while (const std::size_t more = pool->compact()) won += more;

  EXPECT_GE(won, slabs - 20);
  EXPECT_LE(pool->stats().slabs_application, 10u);
  for (std::size_t i = 0; i < peers; ++i) ASSERT_EQ(inboxes[i].chain, sent[i]);
  pool->check_invariants();
}

TEST(Compaction, StopsOnceAQuarterOfThePoolIsWon) {
  HomePool pool(256);
  Inbox inbox;
  pool->add_holder(inbox);
  // A quarter of a slab each: the reserve takes four, the four free ones then sixteen, and so on.
  while (pool->can_acquire()) inbox.chain.append(sparse(pool, std::string(slab_bytes / 4, 'x')));

  const std::size_t won = pool->compact();

  EXPECT_GE(won, 255u / 4);
  EXPECT_LT(won, 190u);
}

// Random peers, bytes and reads, with compaction whenever the budget is spent.
TEST(CompactionModel, NeverChangesAByte) {
  const test::Seed seed;
  SCOPED_TRACE(seed.text());
  std::mt19937_64 random(seed.value());
  const auto below = [&random](std::size_t bound) { return random() % bound; };
  HomePool pool(32);
  std::vector<Inbox> inboxes(50);
  std::vector<std::string> sent(50);
  for (Inbox& inbox : inboxes) pool->add_holder(inbox);
  SlabCursor cursor(*pool);
  Chain outside;

  for (int turn = 0; turn < 20'000; ++turn) {
    const std::size_t peer = below(50);
    const std::string text(1 + below(below(20) == 0 ? 2000 : 30),
                           static_cast<char>('a' + turn % 26));
    if (cursor.tail(text.size()).empty()) {
      pool->compact();
      pool->check_invariants();
      for (std::size_t i = 0; i < 50; ++i) ASSERT_EQ(inboxes[i].chain, sent[i]);
      if (cursor.tail(text.size()).empty()) {
        outside.clear();
        inboxes[peer].chain.clear();
        sent[peer].clear();
        continue;
      }
    }
    std::ranges::copy(as_bytes(text), cursor.tail(text.size()).begin());
    inboxes[peer].chain.append(cursor.take(text.size()));
    sent[peer] += text;
    const std::size_t other = below(50);
    if (below(8) == 0) {
      const std::size_t read = below(sent[other].size() + 1);
      inboxes[other].chain.trim_front(read);
      sent[other].erase(0, read);
    } else if (below(50) == 0) {
      outside = inboxes[other].chain.share();
    }
  }

  EXPECT_GT(pool->stats().slabs_compacted, 0u);
}

}  // namespace
}  // namespace weir
