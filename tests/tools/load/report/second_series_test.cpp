#include "tools/weir/load/report/second_series.h"

#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

using namespace std::chrono_literals;

TEST(SecondSeries, KeepsEverySecondOfAnHour) {
  SecondSeries series;
  for (std::uint64_t i = 0; i + 1 < SecondSeries::rows_max; ++i) series.push_back({.answered = i});

  EXPECT_EQ(series.size(), SecondSeries::rows_max - 1);
  EXPECT_EQ(series.row_length(), 1s);
  EXPECT_EQ(series.rows()[17].answered, 17U);
}

TEST(SecondSeries, MergesPairsBeyondAndLosesNoCount) {
  SecondSeries series;
  constexpr std::uint64_t seconds = 10 * SecondSeries::rows_max;
  for (std::uint64_t i = 0; i < seconds; ++i) series.push_back({.answered = 1, .in_flight = i});

  std::uint64_t answered = 0;
  for (const SecondSummary& row : series.rows()) answered += row.answered;
  EXPECT_LT(series.size(), SecondSeries::rows_max);
  EXPECT_EQ(series.row_length(), 16s);
  EXPECT_EQ(answered, series.size() * 16);
  EXPECT_GE(answered, seconds - 15);
  EXPECT_EQ(series.rows()[1].in_flight, 31U) << "a state is the later one's";
}

TEST(SecondSeries, APercentileOfTwoIsTheLongerOnes) {
  SecondSummary first{.p99 = 3ms, .generator_cpu_share = 0.2};
  first.merge({.p99 = 5ms, .generator_cpu_share = 0.4});

  EXPECT_EQ(first.p99, 5ms);
  EXPECT_DOUBLE_EQ(first.generator_cpu_share, 0.3);
}

}  // namespace
}  // namespace weir::tools::load
