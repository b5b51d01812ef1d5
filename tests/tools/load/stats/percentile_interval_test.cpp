#include "tools/weir/load/stats/percentile_interval.h"

#include <cmath>
#include <random>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/build_kind.h"

namespace weir::tools::load {
namespace {

CensoredHistogram numbers_up_to(std::uint64_t n) {
  CensoredHistogram samples;
  for (std::uint64_t value = 1; value <= n; ++value) samples.record(value);
  return samples;
}

TEST(PercentileInterval, HasTheRanksOfTheBinomial) {
  // Of 1..1000 the sample of rank r is r. 1.96 * sqrt(1000 * 0.5 * 0.5) is 30.99.
  const CensoredHistogram samples = numbers_up_to(1000);
  struct Vector {
    double percentile;
    PercentileInterval expected;
  };
  for (const Vector& v : {
           Vector{50, {469, 532, false}},    // 500 -+ 30.99, outwards, and one more above
           Vector{90, {881, 920, false}},    // 900 -+ 18.59
           Vector{99, {983, 998, false}},    // 990 -+ 6.17
           Vector{99.9, {997, 1000, true}},  // 999 -+ 1.96: rank 1002 is not there
           Vector{100, {1000, 1000, true}},
       }) {
    SCOPED_TRACE(v.percentile);

    const auto interval = order_statistic_interval(samples, v.percentile);

    ASSERT_TRUE(interval);
    EXPECT_EQ(interval->low, v.expected.low);
    EXPECT_EQ(interval->high, v.expected.high);
    EXPECT_EQ(interval->high_is_open, v.expected.high_is_open);
  }
}

TEST(PercentileInterval, AnEmptyHistogramHasNone) {
  EXPECT_EQ(order_statistic_interval(CensoredHistogram(), 50), std::nullopt);
  EXPECT_FALSE(estimate_percentile(CensoredHistogram(), 50, {}).has_value());
}

TEST(PercentileInterval, CoversTheTruthInAbout95Of100Runs) {
  // Exponential with mean 1e6; seeded, so that the count below is the same each time.
  std::mt19937_64 random(42);
  std::exponential_distribution<double> latency(1e-6);
  for (const double percentile : {50.0, 90.0, 99.0}) {
    const auto truth = static_cast<std::uint64_t>(-1e6 * std::log(1 - percentile / 100));
    int covered = 0;
    constexpr int runs = test::slow_build ? 100 : 400;
    for (int run = 0; run < runs; ++run) {
      CensoredHistogram samples;
      for (int i = 0; i < 2'000; ++i) {
        samples.record(static_cast<std::uint64_t>(latency(random)));
      }
      const auto interval = order_statistic_interval(samples, percentile);
      ASSERT_TRUE(interval);
      covered += interval->low <= truth && truth <= interval->high ? 1 : 0;
    }

    // 380 of 400 expected, and a few more for rounding outwards; 367 is 3 standard deviations
    // below.
    EXPECT_GE(covered, test::slow_build ? 88 : 367) << percentile;
    EXPECT_LE(covered, test::slow_build ? 99 : 398) << percentile;
  }
}

TEST(PercentileInterval, CensoredSamplesOpenIt) {
  CensoredHistogram samples = numbers_up_to(990);
  for (int i = 0; i < 10; ++i) samples.record_censored(5'000);

  const auto median = order_statistic_interval(samples, 50);
  const auto p99 = order_statistic_interval(samples, 99);

  ASSERT_TRUE(median && p99);
  EXPECT_EQ(*median, (PercentileInterval{469, 532, false}));
  EXPECT_EQ(p99->low, 983U);
  EXPECT_TRUE(p99->high_is_open);
}

TEST(BatchedInterval, IsStudentsAroundTheValue) {
  // Mean 100, deviation 10; t is 2.2622 for 9 degrees of freedom, 2.0930 for 19, 1.9842 for 99.
  struct Vector {
    std::size_t batches;
    double half_width;
  };
  for (const Vector& v : {Vector{10, 7.154}, Vector{20, 4.681}, Vector{100, 1.984}}) {
    const auto n = static_cast<double>(v.batches);
    // In steps of a thousandth, to see the digits.
    const double apart = 10'000 * std::sqrt((n - 1) / n);
    std::vector<std::uint64_t> batches;
    for (std::size_t i = 0; i < v.batches; ++i) {
      batches.push_back(static_cast<std::uint64_t>(100'000 + (i % 2 == 0 ? apart : -apart)));
    }

    const auto interval = batched_interval(123'000, batches);

    ASSERT_TRUE(interval);
    EXPECT_NEAR(static_cast<double>(interval->low), 123'000 - 1000 * v.half_width, 6);
    EXPECT_NEAR(static_cast<double>(interval->high), 123'000 + 1000 * v.half_width, 6);
    EXPECT_FALSE(interval->high_is_open);
  }
}

TEST(BatchedInterval, NeedsTenBatches) {
  const std::vector<std::uint64_t> nine(9, 5);
  const std::vector<std::uint64_t> ten(10, 5);

  EXPECT_EQ(batched_interval(5, nine), std::nullopt);
  EXPECT_EQ(batched_interval(5, ten), (PercentileInterval{5, 5, false}));
}

TEST(BatchedInterval, EndsAtZero) {
  std::vector<std::uint64_t> batches(10, 10);
  batches[3] = 1'000;

  const auto interval = batched_interval(12, batches);

  ASSERT_TRUE(interval);
  EXPECT_EQ(interval->low, 0U);
  EXPECT_GT(interval->high, 200U);
}

TEST(PercentileInterval, TheWiderOneIsOpenOrWider) {
  const PercentileInterval narrow{10, 12, false};
  const PercentileInterval wide{5, 20, false};
  const PercentileInterval open{10, 11, true};

  EXPECT_EQ(wider_of(narrow, wide), wide);
  EXPECT_EQ(wider_of(wide, narrow), wide);
  EXPECT_EQ(wider_of(wide, open), open);
  EXPECT_EQ(wider_of(open, wide), open);
}

/// A run of seconds in each of which all samples share that second's delay, as behind a queue.
struct DependentRun {
  CensoredHistogram samples;
  std::vector<std::uint64_t> medians;
};

DependentRun dependent_run(std::mt19937_64& random) {
  std::exponential_distribution<double> delay(1e-6);
  DependentRun run;
  for (int second = 0; second < 30; ++second) {
    const double shared = 1e6 + delay(random);
    Histogram interval;
    for (int i = 0; i < 200; ++i) {
      const auto value = static_cast<std::uint64_t>(shared + 0.05 * delay(random));
      interval.record(value);
      run.samples.record(value);
    }
    run.medians.push_back(interval.value_at_percentile(50));
  }
  return run;
}

TEST(PercentileEstimate, BatchesSeeDependenceThatRanksDoNot) {
  std::mt19937_64 random(3);
  // The median of 1e6 + Exp(1e6) + 0.05 Exp(1e6): (e^-t - 0.05 e^(-20 t)) / 0.95 = 1 / 2.
  constexpr double truth = 1.7444e6;
  int covered_by_ranks = 0;
  int covered_by_estimate = 0;
  constexpr int repetitions = test::slow_build ? 25 : 100;
  for (int repetition = 0; repetition < repetitions; ++repetition) {
    const DependentRun run = dependent_run(random);
    const auto covers = [](const PercentileInterval& interval) {
      return static_cast<double>(interval.low) <= truth &&
             truth <= static_cast<double>(interval.high);
    };

    covered_by_ranks += covers(order_statistic_interval(run.samples, 50).value()) ? 1 : 0;
    covered_by_estimate += covers(estimate_percentile(run.samples, 50, run.medians)->interval);
  }

  EXPECT_LT(covered_by_ranks, repetitions * 2 / 5);
  EXPECT_GE(covered_by_estimate, repetitions * 22 / 25);
}

TEST(PercentileEstimate, FewSamplesBeyondAreMarked) {
  const CensoredHistogram samples = numbers_up_to(1000);
  struct Vector {
    double percentile;
    std::uint64_t beyond;
    bool is_sparse;
  };
  for (const Vector& v : {Vector{50, 500, false}, Vector{99, 10, false}, Vector{99.1, 9, true},
                          Vector{99.9, 1, true}, Vector{100, 0, true}}) {
    SCOPED_TRACE(v.percentile);

    const auto estimate = estimate_percentile(samples, v.percentile, {});

    ASSERT_TRUE(estimate);
    EXPECT_EQ(estimate->beyond_count, v.beyond);
    EXPECT_EQ(estimate->is_sparse(), v.is_sparse);
    EXPECT_EQ(estimate->interval, *order_statistic_interval(samples, v.percentile));
  }
}

}  // namespace
}  // namespace weir::tools::load
