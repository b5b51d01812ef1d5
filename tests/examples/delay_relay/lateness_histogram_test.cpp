#include "examples/delay_relay/lateness_histogram.h"

#include <chrono>
#include <cstdint>

#include <gtest/gtest.h>

namespace delay_relay {
namespace {

using std::chrono::nanoseconds;

TEST(LatenessHistogram, SaysNothingOfNothing) {
  const LatenessHistogram histogram;

  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.quantile(0.99), nanoseconds(0));
  EXPECT_EQ(histogram.max(), nanoseconds(0));
}

TEST(LatenessHistogram, IsExactBelow128Nanoseconds) {
  LatenessHistogram histogram;
  for (int ns = 0; ns < 128; ++ns) histogram.record(nanoseconds(ns));

  for (int ns = 0; ns < 128; ++ns) {
    EXPECT_EQ(histogram.quantile((ns + 1) / 128.0), nanoseconds(ns));
  }
}

TEST(LatenessHistogram, RoundsUpByLessThanOneIn64) {
  for (std::int64_t ns = 100; ns < 1'000'000'000'000; ns = ns * 9 / 8 + 1) {
    LatenessHistogram histogram;
    histogram.record(nanoseconds(ns));
    histogram.record(nanoseconds(1'099'511'627'775));  // so that the maximum does not cut it off

    const auto found = nanoseconds(histogram.quantile(0.5)).count();

    EXPECT_GE(found, ns);
    EXPECT_LE(found - ns, ns / 64);
  }
}

TEST(LatenessHistogram, FindsTheRankOfAQuantile) {
  LatenessHistogram histogram;
  for (int i = 0; i < 99; ++i) histogram.record(nanoseconds(10));
  histogram.record(nanoseconds(100));

  EXPECT_EQ(histogram.quantile(0), nanoseconds(10));
  EXPECT_EQ(histogram.quantile(0.99), nanoseconds(10));
  EXPECT_EQ(histogram.quantile(0.991), nanoseconds(100));
  EXPECT_EQ(histogram.quantile(1), nanoseconds(100));
}

TEST(LatenessHistogram, TakesTheEarlyForPunctualAndTheVeryLateForItsLast) {
  LatenessHistogram histogram;
  histogram.record(nanoseconds(-5));
  histogram.record(std::chrono::hours(100));

  EXPECT_EQ(histogram.quantile(0.5), nanoseconds(0));
  EXPECT_EQ(histogram.max(), std::chrono::hours(100));
  EXPECT_EQ(histogram.count(), 2U);
}

TEST(LatenessHistogram, AddsWhatAnotherRecorded) {
  LatenessHistogram sum;
  sum.record(nanoseconds(1));
  LatenessHistogram other;
  other.record(nanoseconds(3));
  other.record(nanoseconds(2));

  sum.add(other);

  EXPECT_EQ(sum.count(), 3U);
  EXPECT_EQ(sum.quantile(0.5), nanoseconds(2));
  EXPECT_EQ(sum.max(), nanoseconds(3));
}

}  // namespace
}  // namespace delay_relay
