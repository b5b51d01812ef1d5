#include "tools/weir/load/stats/paired_ratio.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace weir::tools::load {
namespace {

/// By the definition: all pairwise means, sorted.
double hodges_lehmann_by_hand(const std::vector<double>& values) {
  std::vector<double> walsh;
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t j = i; j < values.size(); ++j) walsh.push_back((values[i] + values[j]) / 2);
  }
  std::sort(walsh.begin(), walsh.end());
  return (walsh[(walsh.size() - 1) / 2] + walsh[walsh.size() / 2]) / 2;
}

TEST(HodgesLehmann, IsTheMedianOfTheWalshAverages) {
  EXPECT_EQ(hodges_lehmann(std::vector{3.0}), 3);
  EXPECT_EQ(hodges_lehmann(std::vector{1.0, 2.0}), 1.5);
  EXPECT_EQ(hodges_lehmann(std::vector{1.0, 2.0, 9.0}), 3.5);
  EXPECT_EQ(hodges_lehmann(std::vector{9.0, 1.0, 2.0, 1.0}), 1.75);

  const test::Seed seed;
  SCOPED_TRACE(seed.text());
  std::mt19937_64 random(seed.value());
  for (std::size_t n = 1; n < 40; ++n) {
    std::vector<double> values(n);
    // Few different values, so that equal averages occur.
    for (double& value : values) value = static_cast<double>(random() % 20);
    EXPECT_EQ(hodges_lehmann(values), hodges_lehmann_by_hand(values));
  }
}

TEST(PairedRatio, IsTheSameNumberEverywhere) {
  // What a change of the random numbers, or of how they are used, would change. Computed with
  // GCC 12 and Clang 19.
  const std::vector<double> a{104, 99, 107, 111, 95, 108, 103, 120, 101, 106};
  const std::vector<double> b{100, 101, 100, 99, 97, 102, 100, 103, 98, 100};

  const auto ratio = paired_ratio(a, b);

  ASSERT_TRUE(ratio);
  EXPECT_EQ(ratio->pairs, 10U);
  EXPECT_NEAR(ratio->estimate, 1.0493695586342475, 1e-9);
  EXPECT_NEAR(ratio->low, 1.0187525346467392, 1e-9);
  EXPECT_NEAR(ratio->high, 1.0901765217086856, 1e-9);
}

TEST(PairedRatio, EqualRatiosHaveNoWidth) {
  const auto ratio = paired_ratio(std::vector{2.0, 4.0, 600.0}, std::vector{1.0, 2.0, 300.0});

  ASSERT_TRUE(ratio);
  EXPECT_DOUBLE_EQ(ratio->estimate, 2);
  EXPECT_DOUBLE_EQ(ratio->low, 2);
  EXPECT_DOUBLE_EQ(ratio->high, 2);
}

TEST(PairedRatio, DriftOfTheMachineCancels) {
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> speed(0.5, 1.5);
  std::vector<double> a;
  std::vector<double> b;
  for (int round = 0; round < 20; ++round) {
    const double now = speed(random);
    a.push_back(110 * now);
    b.push_back(100 * now);
  }

  const auto ratio = paired_ratio(a, b);

  ASSERT_TRUE(ratio);
  EXPECT_NEAR(ratio->low, 1.1, 1e-9);
  EXPECT_NEAR(ratio->high, 1.1, 1e-9);
}

TEST(PairedRatio, TheOtherWayRoundIsReciprocal) {
  const std::vector<double> a{104, 99, 107, 111, 95};
  const std::vector<double> b{100, 101, 100, 99, 97};

  const auto there = paired_ratio(a, b);
  const auto back = paired_ratio(b, a);

  ASSERT_TRUE(there && back);
  EXPECT_NEAR(there->estimate * back->estimate, 1, 1e-12);
}

TEST(PairedRatio, IntervalsCoverTheTruth) {
  std::mt19937_64 random(17);
  std::normal_distribution<double> noise(0, 0.05);
  int covered = 0;
  for (int repetition = 0; repetition < 60; ++repetition) {
    std::vector<double> a;
    for (int round = 0; round < 24; ++round) a.push_back(1.1 * std::exp(noise(random)));
    const auto ratio = paired_ratio(a, std::vector<double>(24, 1.0));
    ASSERT_TRUE(ratio);
    covered += ratio->low <= 1.1 && 1.1 <= ratio->high ? 1 : 0;
  }

  // 57 expected; a bootstrap of 24 rounds is a little too narrow.
  EXPECT_GE(covered, 51);
}

TEST(PairedRatio, RefusesWhatHasNoRatio) {
  const std::vector<double> one{1.0};
  for (const double wrong : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(),
                             std::numeric_limits<double>::infinity()}) {
    EXPECT_FALSE(paired_ratio(one, std::vector{wrong})) << wrong;
    EXPECT_FALSE(paired_ratio(std::vector{wrong}, one)) << wrong;
  }
  EXPECT_FALSE(paired_ratio({}, {}));
  EXPECT_FALSE(paired_ratio(one, std::vector{1.0, 2.0}));
  EXPECT_FALSE(paired_ratio(std::vector{-1.0}, std::vector{-1.0}));
  EXPECT_FALSE(paired_ratio(std::vector<double>(501, 1.0), std::vector<double>(501, 1.0)));
  EXPECT_EQ(paired_ratio({}, {}).error(), Error::option_invalid);
}

}  // namespace
}  // namespace weir::tools::load
