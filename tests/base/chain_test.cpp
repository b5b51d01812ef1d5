#include "weir/base/chain.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/home_pool.h"
#include "weir/base/allocate.h"
#include "weir/base/bytes.h"

namespace weir {
namespace {

using test::heap_buffer;
using test::heap_chain;
using test::HomePool;
using testing::ElementsAre;

std::vector<std::string> pieces(const Chain& chain) {
  std::vector<std::string> found;
  for (const Buffer& buffer : chain) found.emplace_back(as_text(buffer.bytes()));
  return found;
}

TEST(Chain, StartsEmpty) {
  Chain chain;

  EXPECT_TRUE(chain.empty());
  EXPECT_EQ(chain.size(), 0u);
  EXPECT_EQ(chain.buffer_count(), 0u);
  EXPECT_EQ(chain.begin(), chain.end());
  EXPECT_TRUE(chain.coalesce().empty());
  EXPECT_EQ(chain, "");
}

TEST(Chain, IsMadeOfABuffer) {
  const Chain chain = heap_buffer("abc");

  EXPECT_THAT(pieces(chain), ElementsAre("abc"));
  EXPECT_TRUE(Chain(Buffer{}).empty());
}

TEST(Chain, AppendsInOrderAndCountsBytes) {
  const Chain chain = heap_chain({"a", "bb", "ccc", "dddd"});

  EXPECT_THAT(pieces(chain), ElementsAre("a", "bb", "ccc", "dddd"));
  EXPECT_EQ(chain.size(), 10u);
  EXPECT_EQ(chain.front().size(), 1u);
  chain.check_invariants();
}

TEST(Chain, NeverStoresEmptyBuffers) {
  Chain chain = heap_chain({"a"});

  chain.append(Buffer{});
  chain.prepend(Buffer{});
  chain.append(Chain{});

  EXPECT_EQ(chain.buffer_count(), 1u);
}

TEST(Chain, MergesNeighboursOfOneSlabOnAppend) {
  HomePool pool;
  const Buffer whole = pool.slab();
  Chain chain;

  chain.append(whole.slice(0, 10));
  chain.append(whole.slice(10, 10));
  chain.append(whole.slice(30, 10));
  chain.append(whole.slice(20, 10));

  EXPECT_EQ(chain.buffer_count(), 3u);
  EXPECT_EQ(chain.front().size(), 20u);
  EXPECT_EQ(whole.slab()->refs, 1 + 3) << "a merged slice gives its reference up";
}

TEST(Chain, MergesNeighboursOnPrepend) {
  HomePool pool;
  const Buffer whole = pool.slab();
  Chain chain = whole.slice(10, 10);

  chain.prepend(whole.slice(0, 10));

  EXPECT_EQ(chain.buffer_count(), 1u);
  EXPECT_EQ(chain.front().offset(), 0u);
  EXPECT_EQ(chain.size(), 20u);
  EXPECT_EQ(whole.slab()->refs, 2);
}

TEST(Chain, MergesAcrossAppendedChains) {
  HomePool pool;
  const Buffer whole = pool.slab();
  Chain chain = whole.slice(0, 10);
  Chain rest = whole.slice(10, 10);
  rest.append(heap_buffer("x"));

  chain.append(std::move(rest));

  EXPECT_EQ(chain.buffer_count(), 2u);
  EXPECT_EQ(chain.size(), 21u);
  EXPECT_TRUE(rest.empty());  // NOLINT(bugprone-use-after-move): empty is promised
}

TEST(Chain, OneOrTwoBuffersNeedNoAllocation) {
  HomePool pool;
  const Buffer whole = pool.slab();
  const std::uint64_t before = allocation_count();

  Chain chain = whole.slice(0, 1);
  chain.append(whole.slice(2, 1));
  Chain moved = std::move(chain);
  Chain shared = moved.share();
  const Chain front = moved.split(1);

  EXPECT_EQ(shared.buffer_count(), 2u);
  EXPECT_EQ(allocation_count(), before);
}

TEST(Chain, AQueueOfAFewBuffersStopsAllocating) {
  HomePool pool;
  const Buffer whole = pool.slab();
  Chain queue;
  const auto pass_through = [&](std::size_t turns) {
    for (std::size_t turn = 0; turn < turns; ++turn) {
      for (std::size_t i = 0; i < 6; ++i) queue.append(whole.slice(2 * i, 1));
      while (queue.buffer_count() > turn % 3) static_cast<void>(queue.pop_front());
    }
  };
  pass_through(10);
  const std::uint64_t before = allocation_count();

  pass_through(1000);

  EXPECT_EQ(allocation_count(), before);
}

TEST(Chain, ManyBuffersPassThroughInOrder) {
  Chain queue;
  int appended = 0;
  int popped = 0;

  for (int turn = 0; turn < 200; ++turn) {
    for (int i = 0; i < turn % 17; ++i) queue.append(heap_buffer(std::to_string(appended++)));
    for (int i = 0; i < turn % 13 && !queue.empty(); ++i) {
      ASSERT_EQ(as_text(queue.pop_front().bytes()), std::to_string(popped++));
    }
    queue.check_invariants();
  }
  while (!queue.empty()) ASSERT_EQ(as_text(queue.pop_front().bytes()), std::to_string(popped++));

  EXPECT_EQ(popped, appended);
}

TEST(Chain, PrependsManyInOrder) {
  Chain chain;

  for (int i = 0; i < 100; ++i) {
    chain.prepend(heap_buffer(std::to_string(i % 10)));
    chain.check_invariants();
  }

  std::string expected;
  for (int i = 99; i >= 0; --i) expected += std::to_string(i % 10);
  EXPECT_EQ(chain, expected);
}

TEST(Chain, MovesWholeAndLeavesTheSourceEmpty) {
  for (std::size_t count : {0u, 1u, 2u, 3u, 9u}) {
    Chain source = heap_chain(std::vector<std::string>(count, "ab"));

    Chain target = std::move(source);

    EXPECT_EQ(target.buffer_count(), count);
    EXPECT_TRUE(source.empty());  // NOLINT(bugprone-use-after-move): empty is promised
    source.append(heap_buffer("again"));
    EXPECT_EQ(source, "again");
    target.check_invariants();
  }
}

TEST(Chain, SwapsAndAssignsBetweenInlineAndSpilled) {
  for (std::size_t a : {0u, 1u, 2u, 3u, 9u}) {
    for (std::size_t b : {0u, 1u, 2u, 3u, 9u}) {
      Chain first = heap_chain(std::vector<std::string>(a, "x"));
      Chain second = heap_chain(std::vector<std::string>(b, "yy"));

      first.swap(second);
      EXPECT_EQ(first.size(), 2 * b);
      EXPECT_EQ(second.size(), a);
      first = std::move(second);

      EXPECT_EQ(first, std::string(a, 'x'));
      first.check_invariants();
    }
  }
}

TEST(Chain, SelfMoveAssignmentKeepsTheBytes) {
  Chain chain = heap_chain({"a", "b", "c"});
  Chain& same = chain;

  chain = std::move(same);

  EXPECT_EQ(chain, "abc");
}

TEST(Chain, AppendsChainsOfEverySize) {
  for (std::size_t a : {0u, 1u, 2u, 3u, 9u}) {
    for (std::size_t b : {0u, 1u, 2u, 3u, 9u, 40u}) {
      Chain first = heap_chain(std::vector<std::string>(a, "x"));
      Chain second = heap_chain(std::vector<std::string>(b, "y"));

      first.append(std::move(second));

      EXPECT_EQ(first, std::string(a, 'x') + std::string(b, 'y'));
      EXPECT_TRUE(second.empty());  // NOLINT(bugprone-use-after-move): empty is promised
      second.append(heap_buffer("again"));
      EXPECT_EQ(second, "again");
      first.check_invariants();
      second.check_invariants();
    }
  }
}

TEST(Chain, SplitsAtEveryPoint) {
  const std::string whole = "abbcccdddd";
  for (std::size_t at = 0; at <= whole.size(); ++at) {
    Chain rest = heap_chain({"a", "bb", "ccc", "dddd"});

    const Chain front = rest.split(at);

    EXPECT_EQ(front, whole.substr(0, at));
    EXPECT_EQ(rest, whole.substr(at));
    front.check_invariants();
    rest.check_invariants();
  }
}

TEST(Chain, TrimsAtEveryPoint) {
  const std::string whole = "abbcccdddd";
  for (std::size_t count = 0; count <= whole.size(); ++count) {
    Chain front = heap_chain({"a", "bb", "ccc", "dddd"});
    Chain back = heap_chain({"a", "bb", "ccc", "dddd"});

    front.trim_front(count);
    back.trim_back(count);

    EXPECT_EQ(front, whole.substr(count));
    EXPECT_EQ(back, whole.substr(0, whole.size() - count));
    front.check_invariants();
    back.check_invariants();
  }
}

TEST(Chain, SharesWithoutCopying) {
  HomePool pool;
  Chain chain = pool.slab();
  chain.append(heap_buffer("tail"));

  Chain shared = chain.share();
  chain.trim_front(100);

  EXPECT_EQ(shared.size(), HomePool::slab_bytes + 4);
  EXPECT_EQ(shared.front().data() + 100, chain.front().data());
  EXPECT_EQ(chain.front().slab()->refs, 2);
}

TEST(Chain, ClearLetsEverythingGo) {
  HomePool pool;
  Chain chain;
  for (int i = 0; i < 5; ++i) chain.append(pool.slab());

  chain.clear();

  EXPECT_TRUE(chain.empty());
  EXPECT_EQ(pool->stats().slabs_free, 5u);
  chain.append(heap_buffer("again"));
  EXPECT_EQ(chain, "again");
}

TEST(Chain, CoalescingOneBufferCopiesNothing) {
  Chain chain = heap_buffer("whole");
  const std::byte* const address = chain.front().data();

  EXPECT_EQ(chain.coalesce().data(), address);
  EXPECT_EQ(as_text(chain.coalesce()), "whole");
}

TEST(Chain, CoalescesManyBuffersOnce) {
  Chain chain = heap_chain({"a", "bb", "ccc"});

  const std::span<const std::byte> bytes = chain.coalesce();

  EXPECT_EQ(as_text(bytes), "abbccc");
  EXPECT_EQ(chain.buffer_count(), 1u);
  EXPECT_EQ(chain.coalesce().data(), bytes.data());
  chain.check_invariants();
}

TEST(ChainDeathTest, TakesOnlyWhatItHas) {
  Chain chain = heap_chain({"a", "bb"});

  EXPECT_DEATH(static_cast<void>(chain.split(4)), "assertion failed");
  EXPECT_DEATH(chain.trim_front(4), "assertion failed");
  EXPECT_DEATH(chain.trim_back(4), "assertion failed");
  EXPECT_DEATH(static_cast<void>(Chain{}.pop_front()), "assertion failed");
  EXPECT_DEATH(static_cast<void>(Chain{}.front()), "assertion failed");
}

}  // namespace
}  // namespace weir
