#include "weir/protocols/byte_finder.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace weir::protocols {
namespace {

using Positions = std::vector<std::size_t>;

Positions positions_of(char wanted, const std::string& text) {
  Positions positions;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == wanted) positions.push_back(i);
  }
  return positions;
}

// What a walk finds that knows `bytes_ahead` bytes of what comes.
Positions found(char wanted, const std::string& text, std::size_t bytes_ahead) {
  // As long as the text: what is read beside it is found by the sanitizers.
  const auto* const begin = reinterpret_cast<const std::byte*>(text.data());
  const std::vector<std::byte> bytes(begin, begin + text.size());
  ByteFinder finder(bytes.data());
  Positions positions;
  std::size_t at = 0;
  for (;;) {
    const std::size_t end = at + std::min(bytes_ahead, bytes.size() - at);
    const std::byte* const match = finder.find(static_cast<std::byte>(wanted), bytes.data() + end);
    if (match == nullptr) return positions;
    positions.push_back(static_cast<std::size_t>(match - bytes.data()));
    at = positions.back() + 1;
  }
}

TEST(ByteFinder, FindsTheOneMatchAtEachPlaceInMemoryOfEachSize) {
  for (std::size_t size = 1; size <= 200; ++size) {
    for (std::size_t place = 0; place < size; ++place) {
      SCOPED_TRACE(testing::Message() << "place " << place << " of " << size);
      std::string text(size, 'x');
      text[place] = '\n';

      EXPECT_EQ(found('\n', text, SIZE_MAX), Positions{place});
    }
  }
}

TEST(ByteFinder, FindsNothingInNothing) { EXPECT_EQ(found('\n', "", SIZE_MAX), Positions{}); }

TEST(ByteFinder, FindsAllMatchesHoweverDenseTheyAre) {
  const test::Seed seed;
  SCOPED_TRACE(seed.text());
  std::mt19937_64 random(seed.value());
  for (const unsigned one_in : {1u, 2u, 7u, 80u, 700u}) {
    for (int round = 0; round < 20; ++round) {
      SCOPED_TRACE(testing::Message() << "one in " << one_in << ", round " << round);
      std::string text(random() % 3000, '\0');
      for (char& byte : text) {
        byte = random() % one_in == 0 ? '\xFF' : static_cast<char>(random() % 255);
      }

      EXPECT_EQ(found('\xFF', text, SIZE_MAX), positions_of('\xFF', text));
    }
  }
}

TEST(ByteFinder, FindsEachMatchThatIsNoFurtherThanTheLimit) {
  for (const std::size_t line_bytes : {1u, 63u, 64u, 65u, 80u, 500u}) {
    SCOPED_TRACE(line_bytes);
    std::string text;
    while (text.size() < 2000) text += std::string(line_bytes - 1, 'x') + '\n';

    EXPECT_EQ(found('\n', text, line_bytes), positions_of('\n', text));
  }
}

TEST(ByteFinder, SeesTheSameInABlockEitherWay) {
  const test::Seed seed;
  SCOPED_TRACE(seed.text());
  std::mt19937_64 random(seed.value());
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::byte> block(detail::match_block_bytes);
    // Neighbouring values too: a carry from one byte into the next would show.
    for (std::byte& byte : block) byte = static_cast<std::byte>(0x7E + random() % 4);
    const auto wanted = static_cast<std::byte>(0x7E + random() % 4);
    std::uint64_t expected = 0;
    for (std::size_t i = 0; i < block.size(); ++i) {
      expected |= static_cast<std::uint64_t>(block[i] == wanted) << i;
    }

    EXPECT_EQ(detail::matches_in_block(block.data(), wanted), expected);
    EXPECT_EQ(detail::matches_in_block_portable(block.data(), wanted), expected);
  }
}

}  // namespace
}  // namespace weir::protocols
