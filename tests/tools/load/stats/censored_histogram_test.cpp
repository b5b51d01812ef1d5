#include "tools/weir/load/stats/censored_histogram.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace weir::tools::load {
namespace {

struct Sample {
  std::uint64_t value;
  bool is_censored;
};

TEST(CensoredHistogram, StartsEmpty) {
  const CensoredHistogram samples;

  EXPECT_TRUE(samples.empty());
  EXPECT_EQ(samples.percentile(99), CensoredValue{});
  EXPECT_EQ(samples.max(), CensoredValue{});
  samples.check_invariants();
}

TEST(CensoredHistogram, WithoutCensoredSamplesItIsAHistogram) {
  CensoredHistogram samples;
  Histogram histogram;
  for (std::uint64_t value = 1; value <= 100'000; value += 7) {
    samples.record(value);
    histogram.record(value);
  }

  for (const double percentile : {0.0, 50.0, 99.0, 99.99, 100.0}) {
    const CensoredValue value = samples.percentile(percentile);
    EXPECT_EQ(value.value, histogram.value_at_percentile(percentile));
    EXPECT_FALSE(value.is_lower_bound);
    EXPECT_EQ(value.upper_bound, value.value);
  }
}

TEST(CensoredHistogram, TimeoutsBoundThePercentilesTheyReach) {
  CensoredHistogram samples;
  for (std::uint64_t value = 1; value <= 990; ++value) samples.record(value);
  for (int i = 0; i < 10; ++i) samples.record_censored(5'000);

  EXPECT_EQ(samples.count(), 1000U);
  EXPECT_EQ(samples.censored_count(), 10U);
  EXPECT_EQ(samples.percentile(50), (CensoredValue{500, false, 500}));
  EXPECT_EQ(samples.percentile(99), (CensoredValue{990, false, 990}));
  EXPECT_EQ(samples.percentile(99.1), (CensoredValue{5'000, true, std::nullopt}));
  EXPECT_EQ(samples.percentile(99.9), (CensoredValue{5'000, true, std::nullopt}));
  EXPECT_EQ(samples.max(), (CensoredValue{5'000, true, std::nullopt}));
}

TEST(CensoredHistogram, AYoungCensoredSampleMovesHigherPercentilesByOneRank) {
  CensoredHistogram samples;
  for (std::uint64_t value = 101; value <= 199; ++value) samples.record(value);
  samples.record_censored(1);

  EXPECT_EQ(samples.percentile(1), (CensoredValue{1, true, 101}));
  EXPECT_EQ(samples.percentile(50), (CensoredValue{149, true, 150}));
  EXPECT_EQ(samples.percentile(99), (CensoredValue{198, true, 199}));
  EXPECT_EQ(samples.max(), (CensoredValue{199, true, std::nullopt}));
}

TEST(CensoredHistogram, AYoungCensoredSampleIsNothingWhereABucketHoldsMany) {
  CensoredHistogram samples;
  for (int i = 0; i < 500; ++i) samples.record(100);
  for (int i = 0; i < 499; ++i) samples.record(900);
  samples.record_censored(1);

  EXPECT_EQ(samples.percentile(40), (CensoredValue{100, false, 100}));
  EXPECT_EQ(samples.percentile(50), (CensoredValue{100, false, 100}));
  EXPECT_EQ(samples.percentile(50.1), (CensoredValue{100, true, 900}));
  EXPECT_EQ(samples.percentile(99), (CensoredValue{900, false, 900}));
}

TEST(CensoredHistogram, EverythingCensoredIsALowerBoundOnly) {
  CensoredHistogram samples;
  samples.record_censored(7);
  samples.record_censored(9);

  EXPECT_EQ(samples.percentile(50), (CensoredValue{7, true, std::nullopt}));
  EXPECT_EQ(samples.percentile(100), (CensoredValue{9, true, std::nullopt}));
}

TEST(CensoredHistogram, BoundsEncloseWhatEndlessPatienceWouldHaveMeasured) {
  const test::Seed seed;
  SCOPED_TRACE(seed.text());
  std::mt19937_64 random(seed.value());
  std::lognormal_distribution<double> latency(9.0, 1.5);
  for (int run = 0; run < 50; ++run) {
    CensoredHistogram samples;
    Histogram truth;
    for (int i = 0; i < 400; ++i) {
      const auto value = static_cast<std::uint64_t>(latency(random));
      const std::uint64_t patience = 1 + random() % 60'000;
      truth.record(value);
      if (value > patience) {
        samples.record_censored(patience);
      } else {
        samples.record(value);
      }
    }
    samples.check_invariants();

    for (const double percentile : {1.0, 25.0, 50.0, 75.0, 90.0, 99.0, 99.9, 100.0}) {
      const CensoredValue value = samples.percentile(percentile);
      const std::uint64_t true_value = truth.value_at_percentile(percentile);
      ASSERT_LE(value.value, true_value) << percentile;
      ASSERT_GE(value.upper_bound.value_or(UINT64_MAX), true_value) << percentile;
      if (!value.is_lower_bound) {
        ASSERT_EQ(value.value, true_value) << percentile;
      }
    }
  }
}

TEST(CensoredHistogram, MergingPartsGivesTheWhole) {
  const test::Seed seed;
  SCOPED_TRACE(seed.text());
  std::mt19937_64 random(seed.value());
  CensoredHistogram whole;
  std::vector<CensoredHistogram> parts(3);
  for (int i = 0; i < 3'000; ++i) {
    const std::uint64_t value = random() % 1'000'000;
    CensoredHistogram& part = parts[random() % parts.size()];
    if (random() % 10 == 0) {
      part.record_censored(value);
      whole.record_censored(value);
    } else {
      part.record(value);
      whole.record(value);
    }
  }

  CensoredHistogram merged;
  for (const CensoredHistogram& part : parts) merged.merge(part);

  merged.check_invariants();
  EXPECT_EQ(merged.censored_count(), whole.censored_count());
  for (double percentile = 0; percentile <= 100; percentile += 0.5) {
    ASSERT_EQ(merged.percentile(percentile), whole.percentile(percentile)) << percentile;
  }
  merged.reset();
  EXPECT_TRUE(merged.empty());
  EXPECT_EQ(merged.censored_count(), 0U);
}

}  // namespace
}  // namespace weir::tools::load
