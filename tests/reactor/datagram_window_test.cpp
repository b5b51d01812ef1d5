// The memory that receives of datagrams fill.
#include "reactor/datagram/datagram_window.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/home_pool.h"
#include "tests/support/udp_fixture.h"

namespace weir::reactor {
namespace {

using test::pattern;
using test::text_of;

constexpr std::uint32_t large_slab = 64U << 10;
constexpr std::uint32_t payload_max = 65527;

std::size_t room_of(std::span<const iovec> pieces) {
  std::size_t bytes = 0;
  for (const iovec& piece : pieces) bytes += piece.iov_len;
  return bytes;
}

/// As the kernel writes `text`.
void fill(DatagramWindow& window, std::size_t message, std::string_view text) {
  for (const iovec& piece : window.pieces(message)) {
    const std::size_t bytes = std::min(text.size(), piece.iov_len);
    if (bytes > 0) std::memcpy(piece.iov_base, text.data(), bytes);
    text.remove_prefix(bytes);
  }
  ASSERT_TRUE(text.empty()) << "no room";
}

/// One receive that brings all of `texts`.
std::vector<Buffer> receive(DatagramWindow& window, const std::vector<std::string>& texts,
                            bool expects_large = false,
                            std::uint32_t payload_bytes_max = payload_max) {
  std::vector<Buffer> taken;
  const std::size_t count = window.open(expects_large, payload_bytes_max);
  EXPECT_GE(count, texts.size());
  if (count < texts.size()) return taken;
  for (std::size_t i = 0; i < texts.size(); ++i) fill(window, i, texts[i]);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    taken.push_back(window.take(i, texts[i].size()).value());
  }
  return taken;
}

void expect_texts(const std::vector<Buffer>& buffers, const std::vector<std::string>& texts) {
  ASSERT_EQ(buffers.size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(text_of(buffers[i].bytes()), texts[i]);
}

TEST(DatagramWindow, EachMessageHasRoomForTheLargestDatagram) {
  test::HomePool pool(/*slabs=*/64, large_slab);
  DatagramWindow window(*pool);

  for (const bool expects_large : {false, true}) {
    for (const std::uint32_t bytes_max : {1U, 100U, 2048U, 2049U, 9000U, 65507U, 65527U}) {
      const std::size_t count = window.open(expects_large, bytes_max);

      EXPECT_GT(count, 0U);
      EXPECT_LE(count, DatagramWindow::messages_max);
      for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(room_of(window.pieces(i)), bytes_max);
    }
  }
}

TEST(DatagramWindow, SmallDatagramsLieTogetherInOneSlab) {
  test::HomePool pool(/*slabs=*/64, large_slab);
  DatagramWindow window(*pool);
  std::vector<std::string> texts;
  for (unsigned i = 0; i < 16; ++i) texts.push_back(pattern(i * 16, i));

  std::vector<Buffer> taken;
  std::vector<std::string> expected;
  for (int round = 0; round < 3; ++round) {
    for (Buffer& buffer : receive(window, texts)) taken.push_back(std::move(buffer));
    expected.insert(expected.end(), texts.begin(), texts.end());
  }

  expect_texts(taken, expected);
  EXPECT_EQ(pool->stats().slabs_application, 1U);
}

TEST(DatagramWindow, MovesTheSmallOnesBehindTheLargerAndHarmsNeither) {
  test::HomePool pool(/*slabs=*/64, large_slab);
  DatagramWindow window(*pool);
  std::vector<std::string> texts;
  // At the edge of what is moved (512), of a slot (2048), and empty ones between.
  for (const std::size_t size :
       {0U, 1U, 511U, 512U, 513U, 0U, 2047U, 2048U, 7U, 1200U, 8U, 2048U}) {
    texts.push_back(pattern(size, static_cast<unsigned>(texts.size())));
  }

  std::vector<Buffer> taken;
  std::vector<std::string> expected;
  for (int round = 0; round < 20; ++round) {
    for (Buffer& buffer : receive(window, texts)) taken.push_back(std::move(buffer));
    expected.insert(expected.end(), texts.begin(), texts.end());
  }

  expect_texts(taken, expected);
}

TEST(DatagramWindow, StartsTheSlabAnewOnceNobodyHoldsIt) {
  test::HomePool pool(/*slabs=*/64, large_slab);
  DatagramWindow window(*pool);

  const std::byte* front = nullptr;
  for (unsigned round = 0; round < 1000; ++round) {
    const auto taken = receive(window, {pattern(1200, round)});
    if (front == nullptr) front = taken[0].data();
    ASSERT_EQ(taken[0].data(), front);
  }

  EXPECT_EQ(pool->stats().slabs_total, 1U);
}

TEST(DatagramWindow, CopiesALargeOneTogether) {
  test::HomePool pool(/*slabs=*/64, large_slab);
  DatagramWindow window(*pool);
  const std::vector<std::string> texts{pattern(64, 1),   pattern(2049, 2),  pattern(payload_max, 3),
                                       pattern(1200, 4), pattern(30000, 5), pattern(3, 6)};

  const auto taken = receive(window, texts);

  expect_texts(taken, texts);
}

TEST(DatagramWindow, DoesNotCopyLargeOnesThatAreExpected) {
  test::HomePool pool(/*slabs=*/64, large_slab);
  DatagramWindow window(*pool);

  ASSERT_GE(window.open(/*expects_large=*/true, payload_max), 2U);
  const void* const first = window.pieces(0)[0].iov_base;
  fill(window, 0, pattern(60000, 1));
  fill(window, 1, pattern(50, 2));
  const Buffer large = window.take(0, 60000).value();
  const Buffer small = window.take(1, 50).value();

  EXPECT_EQ(window.pieces(0).size(), 1U);
  EXPECT_EQ(static_cast<const void*>(large.data()), first);
  EXPECT_EQ(text_of(large.bytes()), pattern(60000, 1));
  EXPECT_EQ(text_of(small.bytes()), pattern(50, 2));
}

TEST(DatagramWindow, ChangesBetweenSlotsAndWholeSlabs) {
  test::HomePool pool(/*slabs=*/64, large_slab);
  DatagramWindow window(*pool);

  for (unsigned round = 0; round < 40; ++round) {
    const bool expects_large = round % 3 != 0;
    const std::vector<std::string> texts{pattern(round % 2 == 0 ? 60000 : 100, round),
                                         pattern(700, round + 1)};
    const auto taken = receive(window, texts, expects_large);
    expect_texts(taken, texts);
  }

  window.trim();
  pool->compact();  // also what `allocate` cuts from
  EXPECT_EQ(pool->stats().slabs_application, 0U);
}

TEST(DatagramWindow, WorksWithTheSmallestSlabs) {
  test::HomePool pool(/*slabs=*/256, /*bytes=*/4096);
  DatagramWindow window(*pool);
  std::vector<Buffer> taken;
  std::vector<std::string> expected;

  for (unsigned round = 0; round < 6; ++round) {
    const std::vector<std::string> texts{pattern(round % 2 == 0 ? 65000 : 1000, round)};
    for (Buffer& buffer : receive(window, texts, round >= 3)) taken.push_back(std::move(buffer));
    expected.push_back(texts[0]);
  }

  expect_texts(taken, expected);
}

TEST(DatagramWindow, GivesASocketThatTakesLittleNoMoreThanItTakes) {
  test::HomePool pool(/*slabs=*/64, large_slab);
  DatagramWindow window(*pool);

  // Left over from a socket that takes less, and then too small.
  (void)window.open(/*expects_large=*/true, 3000);
  const std::vector<std::string> texts{pattern(65000, 1)};
  const auto taken = receive(window, texts, /*expects_large=*/true);

  expect_texts(taken, texts);
}

TEST(DatagramWindow, UsesTheLastMemoryAndThenSaysThatThereIsNone) {
  test::HomePool pool(/*slabs=*/4, large_slab);
  DatagramWindow window(*pool);
  std::vector<Buffer> held;
  std::vector<std::string> expected;

  for (unsigned round = 0; round < 100 && window.open(/*expects_large=*/false, payload_max) > 0;
       ++round) {
    // A message that was promised room must have it, though it turns out to be large.
    expected.push_back(pattern(60000, round));
    fill(window, 0, expected.back());
    Result<Buffer> taken = window.take(0, expected.back().size());
    ASSERT_TRUE(taken.has_value()) << "round " << round;
    held.push_back(std::move(*taken));
  }

  expect_texts(held, expected);
  EXPECT_GE(held.size(), 2U);
  EXPECT_LE(pool->stats().total_bytes, pool->budget_bytes());
  EXPECT_EQ(window.open(/*expects_large=*/true, payload_max), 0U);
  held.clear();
  EXPECT_GT(window.open(/*expects_large=*/true, payload_max), 0U);
}

TEST(DatagramWindow, TrimmingGivesBackAllThatIsNotFilled) {
  for (const bool expects_large : {false, true}) {
    test::HomePool pool(/*slabs=*/64, large_slab);
    DatagramWindow window(*pool);
    auto held = receive(window, {pattern(60000, 1), pattern(10, 2)}, expects_large);
    EXPECT_TRUE(window.holds_memory());

    window.trim();

    EXPECT_FALSE(window.holds_memory());
    EXPECT_EQ(text_of(held[0].bytes()), pattern(60000, 1));
    EXPECT_EQ(text_of(held[1].bytes()), pattern(10, 2));
    held.clear();
    pool->compact();  // also what `allocate` cuts from
    EXPECT_EQ(pool->stats().slabs_application, 0U);
    EXPECT_EQ(pool->stats().oversize_count, 0U);
  }
}

}  // namespace
}  // namespace weir::reactor
