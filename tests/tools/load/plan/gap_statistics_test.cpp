#include "tools/weir/load/plan/gap_statistics.h"

#include <cmath>

#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

using namespace std::chrono_literals;

TEST(GapStatistics, AreNothingWithoutGaps) {
  GapStatistics gaps;
  gaps.add_event(5s);

  EXPECT_EQ(gaps.count(), 0U);
  EXPECT_EQ(gaps.mean(), 0);
  EXPECT_EQ(gaps.variation(), 0);
}

TEST(GapStatistics, MeasureTheGapsBetweenEvents) {
  GapStatistics gaps;
  for (const auto time : {10ns, 12ns, 16ns, 20ns, 24ns, 29ns, 34ns, 41ns, 50ns}) {
    gaps.add_event(time);
  }

  // 2 4 4 4 5 5 7 9: mean 5, sum of squares around it 32.
  EXPECT_EQ(gaps.count(), 8U);
  EXPECT_DOUBLE_EQ(gaps.mean(), 5);
  EXPECT_DOUBLE_EQ(gaps.variation(), std::sqrt(32.0 / 7) / 5);
}

TEST(GapStatistics, HoldTheirDigitsFarFromZero) {
  GapStatistics gaps;
  for (int i = 0; i < 1000; ++i) gaps.add_gap(1e9 + (i % 2 == 0 ? 1 : -1));

  EXPECT_DOUBLE_EQ(gaps.mean(), 1e9);
  EXPECT_NEAR(gaps.variation() * 1e9, std::sqrt(1000.0 / 999), 1e-6);
}

TEST(GapStatistics, JoinShardsAsIfOneHadSeenAll) {
  GapStatistics all;
  GapStatistics parts[3];
  for (int i = 0; i < 100; ++i) {
    const double gap = i * i % 17;
    all.add_gap(gap);
    parts[i % 2].add_gap(gap);
  }

  parts[2].merge(parts[0]);
  parts[2].merge(parts[1]);
  parts[2].merge(GapStatistics());

  EXPECT_EQ(parts[2].count(), all.count());
  EXPECT_NEAR(parts[2].mean(), all.mean(), 1e-12);
  EXPECT_NEAR(parts[2].variation(), all.variation(), 1e-12);
}

}  // namespace
}  // namespace weir::tools::load
