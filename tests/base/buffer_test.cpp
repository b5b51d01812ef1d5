#include "weir/base/buffer.h"

#include <memory>
#include <string>
#include <thread>
#include <type_traits>

#include <gtest/gtest.h>

#include "tests/support/home_pool.h"
#include "weir/base/bytes.h"

namespace weir {
namespace {

using test::heap_buffer;
using test::HomePool;

static_assert(!std::is_copy_constructible_v<Buffer> && !std::is_copy_assignable_v<Buffer>);
static_assert(std::is_nothrow_move_constructible_v<Buffer>);

std::string text(const Buffer& buffer) { return std::string(as_text(buffer.bytes())); }

TEST(Buffer, StartsEmpty) {
  const Buffer buffer;

  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(buffer.data(), nullptr);
  EXPECT_EQ(buffer.slab(), nullptr);
  EXPECT_TRUE(buffer.share().empty());
}

TEST(Buffer, MovesItsReferenceAlong) {
  HomePool pool;
  Buffer first = pool.slab();
  Slab& slab = *first.slab();

  Buffer second = std::move(first);

  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): empty is promised
  EXPECT_EQ(second.slab(), &slab);
  EXPECT_EQ(slab.refs, 1);
}

TEST(Buffer, AssignmentReleasesWhatWasThere) {
  HomePool pool;
  Buffer first = pool.slab();
  Buffer second = pool.slab();

  first = std::move(second);

  EXPECT_EQ(pool->stats().slabs_application, 1u);
  EXPECT_EQ(first.slab()->refs, 1);
}

TEST(Buffer, SelfAssignmentKeepsTheBytes) {
  HomePool pool;
  Buffer buffer = pool.buffer("abc");
  Buffer& same = buffer;

  buffer = std::move(same);

  EXPECT_EQ(text(buffer), "abc");
}

TEST(Buffer, SharesAndSlicesCountReferences) {
  HomePool pool;
  Buffer whole = pool.slab();
  Slab& slab = *whole.slab();

  Buffer shared = whole.share();
  Buffer slice = whole.slice(100, 50);

  EXPECT_EQ(slab.refs, 3);
  EXPECT_EQ(slice.data(), whole.data() + 100);
  EXPECT_EQ(slice.size(), 50u);
  EXPECT_EQ(slice.offset(), 100u);
  whole = Buffer{};
  shared = Buffer{};
  EXPECT_EQ(slab.refs, 1);
  EXPECT_EQ(pool->stats().slabs_free, 0u);
  slice = Buffer{};
  EXPECT_EQ(pool->stats().slabs_free, 1u);
}

TEST(Buffer, AnEmptySliceHoldsNoReference) {
  HomePool pool;
  Buffer whole = pool.slab();

  EXPECT_EQ(whole.slice(10, 0).slab(), nullptr);
  EXPECT_EQ(Buffer::slice_of(*whole.slab(), 10, 0).slab(), nullptr);
  EXPECT_EQ(whole.take_front(0).slab(), nullptr);
  EXPECT_EQ(whole.slab()->refs, 1);
}

TEST(Buffer, AdoptingNothingReleasesTheReference) {
  HomePool pool;
  Slab* const slab = pool->try_acquire();

  const Buffer buffer = Buffer::adopt(*slab, 0, 0);

  EXPECT_TRUE(buffer.empty());
  EXPECT_EQ(pool->stats().slabs_free, 1u);
}

TEST(Buffer, TrimsBothEnds) {
  Buffer buffer = heap_buffer("0123456789");

  buffer.trim_front(3);
  buffer.trim_back(2);

  EXPECT_EQ(text(buffer), "34567");
}

TEST(Buffer, TrimmedToNothingItLetsGoOfTheSlab) {
  HomePool pool;
  Buffer front = pool.slab();
  Buffer back = pool.slab();

  front.trim_front(front.size());
  back.trim_back(back.size());

  EXPECT_EQ(front.slab(), nullptr);
  EXPECT_EQ(back.slab(), nullptr);
  EXPECT_EQ(pool->stats().slabs_free, 2u);
}

TEST(Buffer, TakeFrontSplitsAtEveryPoint) {
  const std::string whole = "0123456789";
  for (std::size_t at = 0; at <= whole.size(); ++at) {
    Buffer rest = heap_buffer(whole);

    const Buffer front = rest.take_front(at);

    EXPECT_EQ(text(front), whole.substr(0, at));
    EXPECT_EQ(text(rest), whole.substr(at));
    EXPECT_EQ(rest.slab() == nullptr, at == whole.size());
  }
}

TEST(Buffer, WritesThroughWritable) {
  Buffer buffer = Buffer::uninitialized(3);

  store_be<std::uint16_t>(buffer.writable(), 0x6162);
  buffer.trim_back(1);

  EXPECT_EQ(text(buffer), "ab");
}

TEST(Buffer, AdoptsMemoryAndFreesIt) {
  auto memory = std::make_unique<std::byte[]>(4);
  memory[0] = std::byte{'x'};
  const void* const address = memory.get();

  const Buffer buffer = Buffer::adopt(std::move(memory), 4);

  EXPECT_EQ(buffer.data(), address);
  EXPECT_EQ(buffer.size(), 4u);
  EXPECT_TRUE(Buffer::adopt(std::make_unique<std::byte[]>(1), 0).empty());
}

TEST(Buffer, CopiesAreIndependent) {
  std::string source = "abc";

  const Buffer copy = Buffer::copy_of(as_bytes(source));
  source[0] = 'X';

  EXPECT_EQ(text(copy), "abc");
  EXPECT_TRUE(Buffer::copy_of({}).empty());
}

TEST(Buffer, HeapBuffersMayBeSharedAcrossThreads) {
  Buffer buffer = heap_buffer("shared bytes");
  std::vector<std::thread> threads;

  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([mine = buffer.share()]() mutable {
      for (int turn = 0; turn < 1000; ++turn) {
        Buffer other = mine.share();
        mine = other.slice(0, other.size());
        ASSERT_EQ(as_text(mine.bytes()), "shared bytes");
      }
    });
  }
  buffer = Buffer{};
  for (std::thread& thread : threads) thread.join();
}

TEST(Buffer, HeapBuffersOutliveTheThreadThatMadeThem) {
  Buffer buffer;
  std::thread([&buffer] { buffer = heap_buffer("from afar"); }).join();

  EXPECT_EQ(text(buffer), "from afar");
}

TEST(Buffer, KnowsItsNeighbour) {
  HomePool pool;
  const Buffer whole = pool.slab();

  const Buffer first = whole.slice(0, 10);
  const Buffer second = whole.slice(10, 10);
  const Buffer gap = whole.slice(21, 10);
  const Buffer elsewhere = pool.slab().slice(10, 10);

  EXPECT_TRUE(first.is_followed_by(second));
  EXPECT_FALSE(second.is_followed_by(first));
  EXPECT_FALSE(second.is_followed_by(gap));
  EXPECT_FALSE(first.is_followed_by(elsewhere));
}

TEST(BorrowedSlab, LendsMemoryWithoutACopy) {
  const std::string memory = "lent";
  BorrowedSlab lender(as_bytes(memory));

  {
    const Buffer buffer = lender.buffer();
    const Buffer part = buffer.slice(1, 2);
    EXPECT_EQ(static_cast<const void*>(buffer.data()), memory.data());
    EXPECT_EQ(text(part), "en");
    EXPECT_TRUE(lender.is_in_use());
  }

  EXPECT_FALSE(lender.is_in_use());
}

TEST(BorrowedSlab, LendsAgainOnceEverythingIsBack) {
  HomePool pool;
  BorrowedSlab lender;
  lender.lend(as_bytes("first"));
  EXPECT_EQ(text(lender.buffer()), "first");

  lender.lend(as_bytes("second"));

  EXPECT_EQ(text(lender.buffer()), "second");
  lender.lend({});
  EXPECT_TRUE(lender.buffer().empty());
}

TEST(BorrowedSlabDeathTest, MustOutliveItsBuffers) {
  const auto outlive = [] {
    Buffer buffer;
    BorrowedSlab lender(as_bytes("lent"));
    buffer = lender.buffer();
  };

  EXPECT_DEATH(outlive(), "is_in_use");
}

TEST(BorrowedSlabDeathTest, IsNotWritable) {
  BorrowedSlab lender(as_bytes("constant"));

  EXPECT_DEATH(static_cast<void>(lender.buffer().writable()), "borrowed");
}

TEST(BorrowedSlabDeathTest, StaysOnItsShard) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto leave = [] {
    HomePool pool;
    BorrowedSlab lender(as_bytes("lent"));
    std::thread([buffer = lender.buffer()]() mutable { buffer = Buffer{}; }).join();
  };

  EXPECT_DEATH(leave(), "borrowed memory left its shard");
}

TEST(BufferDeathTest, SlicesStayInside) {
  Buffer buffer = heap_buffer("abc");

  EXPECT_DEATH(static_cast<void>(buffer.slice(2, 2)), "assertion failed");
  EXPECT_DEATH(static_cast<void>(buffer.slice(1, SIZE_MAX)), "assertion failed");
  EXPECT_DEATH(buffer.trim_front(4), "assertion failed");
  EXPECT_DEATH(buffer.trim_back(4), "assertion failed");
  EXPECT_DEATH(static_cast<void>(buffer.take_front(4)), "assertion failed");
}

}  // namespace
}  // namespace weir
