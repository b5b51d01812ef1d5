#include "tools/weir/load/message/payload_stream.h"

#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

std::vector<std::byte> sent_bytes(std::uint32_t connection, std::size_t message_bytes,
                                  std::size_t total) {
  std::vector<std::byte> bytes(total);
  PayloadStream(connection, message_bytes).fill(bytes);
  return bytes;
}

TEST(PayloadStream, IsTheMessagesOneAfterTheOther) {
  const auto stream = sent_bytes(/*connection=*/4, /*message_bytes=*/10, /*total=*/30);

  for (std::size_t at = 0; at < stream.size(); ++at) {
    EXPECT_EQ(stream[at], payload_byte({.connection = 4, .sequence = at / 10}, at % 10));
  }
}

TEST(PayloadStream, VerifiesAtEverySplitPoint) {
  const auto bytes = sent_bytes(1, 24, 24 * 4);
  for (std::size_t first = 0; first <= bytes.size(); ++first) {
    for (std::size_t second = first; second <= bytes.size(); ++second) {
      PayloadStream received(1, 24);
      const std::span all(bytes);

      const auto a = received.verify(all.first(first));
      const auto b = received.verify(all.subspan(first, second - first));
      const auto c = received.verify(all.subspan(second));

      ASSERT_TRUE(a && b && c);
      ASSERT_EQ(*a + *b + *c, 4U);
      ASSERT_EQ(*a, first / 24);
      ASSERT_EQ(received.messages(), 4U);
      ASSERT_EQ(received.offset(), 0U);
    }
  }
}

TEST(PayloadStream, VerifiesRandomPiecesOfAnySize) {
  for (const std::uint32_t seed : {1U, 2U, 3U}) {
    for (const std::size_t message_bytes : {1UL, 7UL, 64UL, 1000UL, 100'000UL}) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", size " + std::to_string(message_bytes));
      std::mt19937 random(seed);
      const auto bytes = sent_bytes(seed, message_bytes, 300'000);
      PayloadStream received(seed, message_bytes);

      std::uint64_t messages = 0;
      for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t size = std::min<std::size_t>(1 + random() % 5000, bytes.size() - at);
        const auto passed = received.verify(std::span(bytes).subspan(at, size));
        ASSERT_TRUE(passed) << describe(passed.error());
        messages += *passed;
        at += size;
      }

      EXPECT_EQ(messages, bytes.size() / message_bytes);
      EXPECT_EQ(received.offset(), bytes.size() % message_bytes);
    }
  }
}

TEST(PayloadStream, ReportsWhereTheFirstWrongByteIs) {
  auto bytes = sent_bytes(/*connection=*/3, /*message_bytes=*/100, /*total=*/500);
  const std::byte right = bytes[205];
  bytes[205] ^= std::byte{0xff};
  bytes[206] ^= std::byte{0xff};
  PayloadStream received(3, 100);

  ASSERT_TRUE(received.verify(std::span(bytes).first(203)));
  const auto passed = received.verify(std::span(bytes).subspan(203));

  ASSERT_FALSE(passed);
  EXPECT_EQ(passed.error(), (PayloadMismatch{.message = {.connection = 3, .sequence = 2},
                                             .offset = 5,
                                             .expected = right,
                                             .found = right ^ std::byte{0xff}}));
}

TEST(PayloadStream, ALostByteIsNoticedAtOnce) {
  auto bytes = sent_bytes(3, 64, 640);
  bytes.erase(bytes.begin() + 130);

  const auto passed = PayloadStream(3, 64).verify(bytes);

  ASSERT_FALSE(passed);
  EXPECT_EQ(passed.error().message.sequence, 2U);
  EXPECT_LE(passed.error().offset, 3U);  // a neighbour equals the lost byte once in 256
}

TEST(PayloadStream, AnotherConnectionsAnswerIsNoticed) {
  const auto bytes = sent_bytes(/*connection=*/8, 64, 64);

  EXPECT_FALSE(PayloadStream(/*connection=*/9, 64).verify(bytes));
}

TEST(PayloadStream, AMismatchReadsAsASentence) {
  const PayloadMismatch mismatch{.message = {.connection = 3, .sequence = 17},
                                 .offset = 5,
                                 .expected = std::byte{0x41},
                                 .found = std::byte{0}};

  EXPECT_EQ(describe(mismatch), "connection 3, message 17, byte 5: expected 0x41, found 0x00");
}

}  // namespace
}  // namespace weir::tools::load
