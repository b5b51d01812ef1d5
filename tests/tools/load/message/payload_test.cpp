#include "tools/weir/load/message/payload.h"

#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

using ::testing::Optional;

std::vector<std::byte> payload(MessageId message, std::size_t bytes) {
  std::vector<std::byte> whole(bytes);
  fill_payload(message, 0, whole);
  return whole;
}

TEST(Payload, EveryPieceIsACutOfTheWhole) {
  const MessageId message{.connection = 7, .sequence = 123};
  const auto whole = payload(message, 200);

  for (std::size_t offset = 0; offset < whole.size(); ++offset) {
    for (std::size_t size = 0; offset + size <= whole.size(); ++size) {
      const std::vector<std::byte> cut(whole.begin() + static_cast<std::ptrdiff_t>(offset),
                                       whole.begin() + static_cast<std::ptrdiff_t>(offset + size));
      std::vector<std::byte> piece(size);
      fill_payload(message, offset, piece);

      ASSERT_EQ(piece, cut) << "offset " << offset << ", size " << size;
      ASSERT_EQ(find_payload_mismatch(message, offset, cut), std::nullopt);
    }
  }
}

TEST(Payload, SingleBytesAgreeWithTheWhole) {
  const MessageId message{.connection = 0, .sequence = UINT64_MAX};
  const auto whole = payload(message, 100);

  for (std::size_t offset = 0; offset < whole.size(); ++offset) {
    EXPECT_EQ(payload_byte(message, offset), whole[offset]);
  }
}

TEST(Payload, NoChangedBitGoesUnnoticed) {
  const MessageId message{.connection = 1, .sequence = 2};
  for (const std::size_t offset : {std::size_t{0}, std::size_t{3}, std::size_t{64}}) {
    std::vector<std::byte> piece(150);
    fill_payload(message, offset, piece);
    for (std::size_t at = 0; at < piece.size(); ++at) {
      for (unsigned bit = 0; bit < 8; ++bit) {
        piece[at] ^= std::byte{1} << bit;

        ASSERT_THAT(find_payload_mismatch(message, offset, piece), Optional(at));

        piece[at] ^= std::byte{1} << bit;
      }
    }
  }
}

TEST(Payload, TheFirstOfSeveralMismatchesIsReported) {
  const MessageId message{.connection = 1, .sequence = 2};
  auto piece = payload(message, 300);
  for (const std::size_t at : {250UL, 130UL, 129UL}) {
    piece[at] = ~piece[at];

    EXPECT_THAT(find_payload_mismatch(message, 0, piece), Optional(at));
  }
}

TEST(Payload, MemoryOfAnyAlignmentIsFine) {
  const MessageId message{.connection = 5, .sequence = 6};
  std::vector<std::byte> memory(256 + 8);
  for (std::size_t shift = 0; shift < 8; ++shift) {
    const std::span piece = std::span(memory).subspan(shift, 256);

    fill_payload(message, 0, piece);

    EXPECT_EQ(find_payload_mismatch(message, 0, piece), std::nullopt);
    EXPECT_THAT(piece, ::testing::ElementsAreArray(payload(message, 256)));
  }
}

TEST(Payload, OtherMessagesDifferFromTheFirstWordOn) {
  std::set<std::vector<std::byte>> starts;
  for (std::uint32_t connection = 0; connection < 100; ++connection) {
    for (std::uint64_t sequence = 0; sequence < 100; ++sequence) {
      starts.insert(payload({.connection = connection, .sequence = sequence}, 8));
    }
  }

  EXPECT_EQ(starts.size(), 10'000U);
}

TEST(Payload, AShiftedMessageDoesNotPass) {
  const MessageId message{.connection = 1, .sequence = 1};
  const auto whole = payload(message, 1000);

  for (std::size_t shift = 1; shift < 500; ++shift) {
    const auto shifted = std::span(whole).subspan(shift, 64);
    EXPECT_NE(find_payload_mismatch(message, 0, shifted), std::nullopt) << shift;
  }
}

TEST(Payload, BytesAreStable) {
  // The first output of SplitMix64 seeded with 0 is e220a8397b1dcdaf, in its published vectors.
  const auto whole = payload({.connection = 0, .sequence = 0}, 8);

  std::string hex;
  for (const std::byte byte : whole) {
    constexpr const char* digits = "0123456789abcdef";
    hex += digits[std::to_integer<unsigned>(byte) >> 4];
    hex += digits[std::to_integer<unsigned>(byte) & 15];
  }
  EXPECT_EQ(hex, "afcd1d7b39a820e2");
}

}  // namespace
}  // namespace weir::tools::load
