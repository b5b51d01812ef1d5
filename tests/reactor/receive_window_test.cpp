// The memory that reads fill.
#include "reactor/epoll/receive_window.h"

#include <cstring>
#include <numeric>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/home_pool.h"

namespace weir::reactor {
namespace {

constexpr std::size_t slab = test::HomePool::slab_bytes;

std::size_t total(std::span<const iovec> pieces) {
  return std::accumulate(pieces.begin(), pieces.end(), std::size_t{0},
                         [](std::size_t sum, const iovec& piece) { return sum + piece.iov_len; });
}

/// As a read that got `text` would.
void fill(ReceiveWindow& window, Chain& inbox, std::string_view text, std::size_t wanted = 1) {
  std::string_view rest = text;
  for (const iovec& piece : window.open(wanted, SIZE_MAX)) {
    const std::size_t bytes = std::min(rest.size(), piece.iov_len);
    std::memcpy(piece.iov_base, rest.data(), bytes);
    rest.remove_prefix(bytes);
  }
  window.close(text.size() - rest.size(), inbox);
}

TEST(ReceiveWindow, SmallMessagesShareASlabAndMergeInTheInbox) {
  test::HomePool pool;
  Chain inbox;
  ReceiveWindow window(*pool);

  for (const char* const text : {"one ", "two ", "three"}) fill(window, inbox, text);

  EXPECT_EQ(inbox, "one two three");
  EXPECT_EQ(inbox.buffer_count(), 1U);
  EXPECT_EQ(pool->stats().slabs_application, 1U);
}

TEST(ReceiveWindow, QuietTrafficStaysAtTheFrontOfOneSlab) {
  test::HomePool pool;
  Chain inbox;
  ReceiveWindow window(*pool);

  const std::byte* front = nullptr;
  for (int round = 0; round < 1000; ++round) {
    fill(window, inbox, "request and response");
    if (front == nullptr) front = inbox.front().data();
    EXPECT_EQ(inbox.front().data(), front);
    inbox.clear();
  }

  EXPECT_EQ(pool->stats().slabs_total, 1U);
}

TEST(ReceiveWindow, OffersSeveralSlabsAndGivesBackWhatWasNotReached) {
  test::HomePool pool;
  Chain inbox;
  ReceiveWindow window(*pool);

  const auto pieces = window.open(3 * slab, SIZE_MAX);
  EXPECT_EQ(pieces.size(), 3U);
  EXPECT_EQ(total(pieces), 3 * slab);
  EXPECT_EQ(pool->stats().slabs_application, 3U);
  window.close(slab + 10, inbox);

  EXPECT_EQ(inbox.size(), slab + 10);
  EXPECT_EQ(pool->stats().slabs_application, 2U);
  fill(window, inbox, "goes on where the read ended");
  EXPECT_EQ(inbox.buffer_count(), 2U);
}

TEST(ReceiveWindow, NeverOffersMoreThanTheMaximum) {
  test::HomePool pool;
  Chain inbox;
  ReceiveWindow window(*pool);

  for (const std::size_t bytes_max : {std::size_t{1}, slab - 1, slab, slab + 1, 3 * slab + 7}) {
    EXPECT_EQ(total(window.open(16 * slab, bytes_max)), bytes_max);
    window.close(0, inbox);
  }
}

TEST(ReceiveWindow, ReadThatGotNothingKeepsNothing) {
  test::HomePool pool;
  Chain inbox;
  ReceiveWindow window(*pool);

  EXPECT_FALSE(window.open(2 * slab, SIZE_MAX).empty());
  window.close(0, inbox);

  EXPECT_EQ(pool->stats().slabs_application, 0U);
  EXPECT_TRUE(inbox.empty());
}

TEST(ReceiveWindow, SmallRestIsSkippedButUsedWhenThePoolIsSpent) {
  test::HomePool pool(/*slabs=*/3);
  Chain inbox;
  ReceiveWindow window(*pool);
  fill(window, inbox, std::string(slab - 100, 'x'));

  EXPECT_EQ(window.open(1, SIZE_MAX).front().iov_len, slab);
  window.close(0, inbox);
  const Buffer hoarded = pool.slab();
  EXPECT_EQ(total(window.open(1, SIZE_MAX)), 100U);
  window.close(100, inbox);

  EXPECT_FALSE(window.can_open());
  EXPECT_TRUE(window.open(1, SIZE_MAX).empty());
}

TEST(ReceiveWindow, FullSlabGoesHomeWithItsLastSliceWhenThePoolIsSpent) {
  test::HomePool pool(/*slabs=*/2);
  Chain inbox;
  ReceiveWindow window(*pool);
  fill(window, inbox, std::string(slab, 'x'));
  ASSERT_TRUE(window.open(1, SIZE_MAX).empty());
  ASSERT_FALSE(window.can_open());

  inbox.clear();

  EXPECT_EQ(pool->stats().slabs_application, 0U);
  EXPECT_TRUE(window.can_open());
}

TEST(ReceiveWindow, TrimLetsGoOfAnUnusedSlabOnly) {
  test::HomePool pool;
  Chain inbox;
  ReceiveWindow window(*pool);
  fill(window, inbox, "held");

  window.trim();
  EXPECT_EQ(pool->stats().slabs_application, 1U);
  inbox.clear();
  window.trim();

  EXPECT_EQ(pool->stats().slabs_application, 0U);
}

}  // namespace
}  // namespace weir::reactor
