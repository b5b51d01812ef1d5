#include "tools/weir/load/plan/seeded_random.h"

#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

// Worked out apart from this code, from the published recurrences.
TEST(SeededRandom, FollowsThePublishedGenerator) {
  SeededRandom random(SeededRandom::State{1, 2, 3, 4});

  for (const std::uint64_t expected :
       {41943041UL, 58720359UL, 3588806011781223UL, 3591011842654386UL, 9228616714210784205UL,
        9973669472204895162UL, 14011001112246962877UL, 12406186145184390807UL}) {
    EXPECT_EQ(random.next(), expected);
  }
}

TEST(SeededRandom, FillsItsStateFromTheSeedBySplitMix) {
  SeededRandom seeded(0);
  SeededRandom filled(SeededRandom::State{0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4,
                                          0x06c45d188009454f, 0xf88bb8a8724c81ec});

  for (int i = 0; i < 100; ++i) EXPECT_EQ(seeded.next(), filled.next());
}

TEST(SeededRandom, NeighbouringSeedsHaveNothingInCommon) {
  SeededRandom one(1);
  SeededRandom two(2);
  int equal_bits = 0;

  for (int i = 0; i < 1000; ++i) equal_bits += std::popcount(~(one.next() ^ two.next()));

  // Half of 64 000, give or take eight standard deviations of 126.
  EXPECT_NEAR(equal_bits, 32'000, 1000);
}

}  // namespace
}  // namespace weir::tools::load
