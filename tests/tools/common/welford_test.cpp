#include "tools/weir/common/welford.h"

#include <random>

#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace weir::tools {
namespace {

TEST(Welford, StartsEmpty) {
  const Welford welford;

  EXPECT_EQ(welford.count(), 0U);
  EXPECT_EQ(welford.mean(), 0);
  EXPECT_EQ(welford.variance(), 0);
  EXPECT_EQ(welford.cv(), 0);
}

TEST(Welford, OneNumberHasNoVariance) {
  Welford welford;
  welford.add(42);

  EXPECT_EQ(welford.mean(), 42);
  EXPECT_EQ(welford.variance(), 0);
}

TEST(Welford, KnowsMeanVarianceAndCv) {
  Welford welford;
  for (const double x : {2, 4, 4, 4, 5, 5, 7, 9}) welford.add(x);

  EXPECT_DOUBLE_EQ(welford.mean(), 5);
  EXPECT_DOUBLE_EQ(welford.variance(), 32.0 / 7);
  EXPECT_DOUBLE_EQ(welford.deviation(), std::sqrt(32.0 / 7));
  EXPECT_DOUBLE_EQ(welford.cv(), std::sqrt(32.0 / 7) / 5);
}

TEST(Welford, KeepsItsDigitsFarFromZero) {
  Welford welford;
  for (const double x : {4, 7, 13, 16}) welford.add(1e15 + x);

  EXPECT_DOUBLE_EQ(welford.mean(), 1e15 + 10);
  EXPECT_DOUBLE_EQ(welford.variance(), 30);
}

TEST(Welford, MergingPartsGivesTheWhole) {
  const test::Seed seed;
  SCOPED_TRACE(seed.text());
  std::mt19937_64 random(seed.value());
  std::normal_distribution<double> number(1e6, 50);
  Welford whole;
  Welford first;
  Welford second;
  for (int i = 0; i < 1'000; ++i) {
    const double x = number(random);
    whole.add(x);
    (i < 137 ? first : second).add(x);
  }

  first.merge(Welford());
  first.merge(second);
  Welford from_empty;
  from_empty.merge(first);

  for (const Welford& merged : {first, from_empty}) {
    EXPECT_EQ(merged.count(), whole.count());
    EXPECT_NEAR(merged.mean(), whole.mean(), 1e-6);
    EXPECT_NEAR(merged.variance(), whole.variance(), 1e-6 * whole.variance());
  }
}

}  // namespace
}  // namespace weir::tools
