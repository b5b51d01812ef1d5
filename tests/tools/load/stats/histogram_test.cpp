#include "tools/weir/load/stats/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

constexpr std::uint64_t hour_ns = 3'600'000'000'000;

/// The index formula as the format's description writes it, to check ours, which is arranged
/// differently, against.
std::size_t described_index(std::uint64_t v, unsigned unit_mag, unsigned half_mag) {
  const std::uint64_t mask = ((std::uint64_t{2} << half_mag) - 1) << unit_mag;
  const auto b = static_cast<unsigned>(64 - std::countl_zero(v | mask)) - unit_mag - (half_mag + 1);
  const std::uint64_t s = v >> (b + unit_mag);
  return ((std::size_t{b} + 1) << half_mag) + s - (std::size_t{1} << half_mag);
}

/// What a percentile is: the sample of rank ceil(p% of n), counted from 1.
std::uint64_t percentile_of_sorted(const std::vector<std::uint64_t>& sorted, double percentile) {
  const double exact_rank = percentile * static_cast<double>(sorted.size()) / 100;
  const auto rank = static_cast<std::size_t>(std::ceil(exact_rank - 1e-6));
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

TEST(Histogram, StartsEmpty) {
  const Histogram histogram;

  EXPECT_TRUE(histogram.empty());
  EXPECT_EQ(histogram.min(), 0U);
  EXPECT_EQ(histogram.max(), 0U);
  EXPECT_EQ(histogram.mean(), 0);
  EXPECT_EQ(histogram.value_at_percentile(99), 0U);
  EXPECT_EQ(histogram.count_at_or_below(hour_ns), 0U);
  histogram.check_invariants();
}

TEST(Histogram, HasTheSizesOfTheFormat) {
  EXPECT_EQ(Histogram().counts().size(), 33'792U);
  EXPECT_EQ(Histogram({1, 3'600'000'000, 3}).counts().size(), 23'552U);
  EXPECT_EQ(Histogram({1, 2, 3}).counts().size(), 2'048U);
  EXPECT_EQ(Histogram({1, 2047, 3}).counts().size(), 2'048U);
  EXPECT_EQ(Histogram({1, 2048, 3}).counts().size(), 3'072U);
}

TEST(Histogram, IndexesAsTheFormatDescribes) {
  struct Vector {
    HistogramRange range;
    unsigned unit_mag, half_mag;
  };
  for (const auto& v : {
           Vector{{1, hour_ns, 3}, 0, 10},
           Vector{{64, hour_ns, 3}, 6, 10},
           Vector{{100, hour_ns, 3}, 6, 10},
           Vector{{1, hour_ns, 2}, 0, 7},
           Vector{{1, hour_ns, 1}, 0, 4},
           Vector{{1024, hour_ns, 5}, 10, 17},
       }) {
    SCOPED_TRACE("lowest " + std::to_string(v.range.lowest) + ", digits " +
                 std::to_string(v.range.significant_digits));
    const Histogram histogram(v.range);

    for (std::uint64_t base = 1; base <= hour_ns; base *= 2) {
      for (const std::uint64_t value : {base - 1, base, base + 1, base + base / 3}) {
        const std::size_t index = histogram.index_of(value);
        ASSERT_EQ(index, described_index(value, v.unit_mag, v.half_mag)) << value;
        ASSERT_LE(histogram.lowest_at(index), value);
        ASSERT_GE(histogram.highest_at(index), value);
      }
    }
    EXPECT_EQ(histogram.index_of(0), 0U);
    EXPECT_LT(histogram.index_of(hour_ns), histogram.counts().size());
  }
}

TEST(Histogram, BucketsMeetWithoutGapOrOverlap) {
  for (const HistogramRange& range :
       {HistogramRange{}, HistogramRange{64, hour_ns, 3}, HistogramRange{1, 1'000'000, 2}}) {
    const Histogram histogram(range);

    std::uint64_t next = 0;
    for (std::size_t index = 0; index < histogram.counts().size(); ++index) {
      ASSERT_EQ(histogram.lowest_at(index), next);
      ASSERT_EQ(histogram.index_of(histogram.lowest_at(index)), index);
      ASSERT_EQ(histogram.index_of(histogram.highest_at(index)), index);
      next = histogram.highest_at(index) + 1;
    }
    EXPECT_GT(next, range.highest);
  }
}

TEST(Histogram, EquivalentValuesAreThoseOfHdrHistogram) {
  const Histogram fine;
  const Histogram coarse({1024, hour_ns, 3});

  EXPECT_EQ(fine.lowest_at(fine.index_of(10'007)), 10'000U);
  EXPECT_EQ(fine.lowest_at(fine.index_of(10'009)), 10'008U);
  for (const auto& [value, highest] :
       std::vector<std::pair<std::uint64_t, std::uint64_t>>{{8180, 8183},
                                                            {8191, 8191},
                                                            {8193, 8199},
                                                            {9995, 9999},
                                                            {10'007, 10'007},
                                                            {10'008, 10'015}}) {
    EXPECT_EQ(coarse.highest_at(coarse.index_of(value * 1024)), highest * 1024 + 1023);
  }
}

TEST(Histogram, KnowsSmallValuesExactly) {
  Histogram histogram;
  for (std::uint64_t value = 1; value <= 1000; ++value) histogram.record(value);

  EXPECT_EQ(histogram.count(), 1000U);
  EXPECT_EQ(histogram.min(), 1U);
  EXPECT_EQ(histogram.max(), 1000U);
  EXPECT_DOUBLE_EQ(histogram.mean(), 500.5);
  EXPECT_EQ(histogram.value_at_percentile(0), 1U);
  EXPECT_EQ(histogram.value_at_percentile(0.1), 1U);
  EXPECT_EQ(histogram.value_at_percentile(0.11), 2U);
  EXPECT_EQ(histogram.value_at_percentile(50), 500U);
  EXPECT_EQ(histogram.value_at_percentile(99), 990U);
  EXPECT_EQ(histogram.value_at_percentile(99.9), 999U);
  EXPECT_EQ(histogram.value_at_percentile(99.91), 1000U);
  EXPECT_EQ(histogram.value_at_percentile(100), 1000U);
  EXPECT_EQ(histogram.value_at_percentile(1000), 1000U);
  EXPECT_EQ(histogram.value_at_percentile(-1), 1U);
  EXPECT_EQ(histogram.count_at_or_below(0), 0U);
  EXPECT_EQ(histogram.count_at_or_below(250), 250U);
  EXPECT_EQ(histogram.count_at_or_below(5000), 1000U);
}

TEST(Histogram, OneValueIsEveryPercentile) {
  for (const std::uint64_t value :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{123'456'789}, hour_ns}) {
    Histogram histogram;
    histogram.record(value);

    EXPECT_EQ(histogram.min(), value);
    EXPECT_EQ(histogram.max(), value);
    EXPECT_EQ(histogram.mean(), static_cast<double>(value));
    for (const double percentile : {0.0, 50.0, 99.999, 100.0}) {
      EXPECT_EQ(histogram.value_at_percentile(percentile), value);
    }
    histogram.check_invariants();
  }
}

TEST(Histogram, ClipsAndCountsWhatIsOutOfRange) {
  Histogram histogram;

  histogram.record(hour_ns);
  histogram.record(hour_ns + 1);
  histogram.record_n(UINT64_MAX, 2);

  EXPECT_EQ(histogram.count(), 4U);
  EXPECT_EQ(histogram.clipped_count(), 3U);
  EXPECT_EQ(histogram.max(), hour_ns);
  EXPECT_EQ(histogram.value_at_percentile(100), hour_ns);
  histogram.check_invariants();
}

TEST(Histogram, RecordsManyAtOnce) {
  Histogram one_by_one;
  Histogram at_once;
  for (int i = 0; i < 500; ++i) one_by_one.record(70'000);
  one_by_one.record(5);

  at_once.record_n(70'000, 500);
  at_once.record_n(5, 1);
  at_once.record_n(999'999'999, 0);

  EXPECT_THAT(at_once.counts(), ::testing::ElementsAreArray(one_by_one.counts()));
  EXPECT_EQ(at_once.max(), one_by_one.max());
  EXPECT_EQ(at_once.count(), 501U);
}

TEST(Histogram, StaysWithinItsErrorOfTheSortedSamples) {
  for (const std::uint32_t seed : {1U, 2U, 3U}) {
    for (const int digits : {1, 2, 3, 4}) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", digits " + std::to_string(digits));
      std::mt19937_64 random(seed);
      std::lognormal_distribution<double> latency_ns(11.0, 2.0);
      Histogram histogram({1, hour_ns, digits});
      std::vector<std::uint64_t> samples;
      for (int i = 0; i < 20'000; ++i) {
        samples.push_back(static_cast<std::uint64_t>(latency_ns(random)));
        histogram.record(samples.back());
      }
      std::sort(samples.begin(), samples.end());

      const double error_max = std::pow(10.0, -digits);
      EXPECT_EQ(histogram.min(), samples.front());
      EXPECT_EQ(histogram.max(), samples.back());
      for (const double percentile : {0.0, 1.0, 10.0, 50.0, 90.0, 99.0, 99.9, 99.99, 100.0}) {
        const auto truth = static_cast<double>(percentile_of_sorted(samples, percentile));
        const auto answer = static_cast<double>(histogram.value_at_percentile(percentile));
        EXPECT_GE(answer, truth) << percentile;
        EXPECT_LE(answer, truth * (1 + error_max) + 1) << percentile;
      }
      const double sum = std::accumulate(samples.begin(), samples.end(), 0.0);
      const double mean = sum / static_cast<double>(samples.size());
      EXPECT_NEAR(histogram.mean(), mean, mean * error_max);
      histogram.check_invariants();
    }
  }
}

TEST(Histogram, CountsAtOrBelowAgreeWithTheSamplesAtBucketEnds) {
  std::mt19937_64 random(7);
  std::vector<std::uint64_t> samples;
  Histogram histogram;
  for (int i = 0; i < 5'000; ++i) {
    samples.push_back(random() >> (random() % 64));
    samples.back() = std::min(samples.back(), hour_ns);
    histogram.record(samples.back());
  }
  std::sort(samples.begin(), samples.end());

  for (std::size_t index = 0; index < histogram.counts().size(); index += 37) {
    const std::uint64_t end = histogram.highest_at(index);
    const auto truth = std::upper_bound(samples.begin(), samples.end(), end) - samples.begin();
    ASSERT_EQ(histogram.count_at_or_below(end), static_cast<std::uint64_t>(truth)) << end;
  }
}

TEST(Histogram, MergingPartsGivesTheWhole) {
  std::mt19937_64 random(11);
  Histogram whole;
  std::vector<Histogram> parts(4);
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t value = random() >> (20 + random() % 40);
    whole.record(value);
    parts[random() % parts.size()].record(value);
  }

  Histogram merged;
  for (const Histogram& part : parts) merged.merge(part);

  EXPECT_THAT(merged.counts(), ::testing::ElementsAreArray(whole.counts()));
  EXPECT_EQ(merged.count(), whole.count());
  EXPECT_EQ(merged.min(), whole.min());
  EXPECT_EQ(merged.max(), whole.max());
  EXPECT_EQ(merged.clipped_count(), whole.clipped_count());
  merged.check_invariants();
}

TEST(Histogram, MergingAnEmptyOneChangesNothing) {
  Histogram histogram;
  histogram.record(42);

  histogram.merge(Histogram());

  EXPECT_EQ(histogram.count(), 1U);
  EXPECT_EQ(histogram.min(), 42U);
  EXPECT_EQ(histogram.max(), 42U);
}

TEST(Histogram, ResetForgetsEverything) {
  Histogram histogram;
  histogram.record_n(hour_ns + 1, 3);

  histogram.reset();

  EXPECT_TRUE(histogram.empty());
  EXPECT_EQ(histogram.clipped_count(), 0U);
  EXPECT_EQ(histogram.max(), 0U);
  histogram.check_invariants();
}

TEST(Histogram, RanksAreThoseOfThePercentiles) {
  Histogram histogram;
  EXPECT_EQ(histogram.rank_of_percentile(50), 0U);
  for (std::uint64_t value = 1; value <= 1000; ++value) histogram.record(value);

  EXPECT_EQ(histogram.rank_of_percentile(0), 1U);
  EXPECT_EQ(histogram.rank_of_percentile(99.9), 999U);
  EXPECT_EQ(histogram.rank_of_percentile(100), 1000U);
  EXPECT_EQ(histogram.value_at_rank(0), 1U);
  EXPECT_EQ(histogram.value_at_rank(37), 37U);
  EXPECT_EQ(histogram.value_at_rank(5000), 1000U);
}

TEST(Histogram, KnowsWhichRangesThereAre) {
  for (const HistogramRange& range :
       {HistogramRange{}, HistogramRange{1, 2, 1}, HistogramRange{1, UINT64_MAX, 5},
        HistogramRange{std::uint64_t{1} << 51, UINT64_MAX, 3}}) {
    ASSERT_TRUE(range.is_valid());
    EXPECT_EQ(Histogram(range).counts().size(), range.counter_count());
  }
  for (const HistogramRange& range :
       {HistogramRange{0, 10, 3}, HistogramRange{6, 11, 3}, HistogramRange{1, 10, 0},
        HistogramRange{1, 10, 6}, HistogramRange{1, 10, -3},
        HistogramRange{std::uint64_t{1} << 52, UINT64_MAX, 3}}) {
    EXPECT_FALSE(range.is_valid()) << range.lowest << " " << range.highest;
  }
}

TEST(Histogram, ComesBackFromItsCounts) {
  Histogram histogram;
  for (const std::uint64_t value : {10'007UL, 70'000UL, 1'000'001UL}) histogram.record_n(value, 3);
  const std::size_t used = histogram.index_of(histogram.max()) + 1;

  const Histogram copy = Histogram::from_counts({}, histogram.counts().first(used));

  EXPECT_THAT(copy.counts(), ::testing::ElementsAreArray(histogram.counts()));
  EXPECT_EQ(copy.count(), 9U);
  EXPECT_EQ(copy.min(), 10'000U);
  EXPECT_EQ(copy.max(), 1'000'447U);
  copy.check_invariants();
  EXPECT_TRUE(Histogram::from_counts({}, {}).empty());
}

TEST(HistogramDeathTest, RefusesToMixRanges) {
  Histogram histogram;
  const Histogram other({1, hour_ns, 2});

  EXPECT_DEATH(histogram.merge(other), "range_ == other.range_");
}

}  // namespace
}  // namespace weir::tools::load
