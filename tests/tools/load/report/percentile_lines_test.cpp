#include "tools/weir/load/report/percentile_lines.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const PercentileWords words{.line = "service (sent to answered)", .point = "service"};

CensoredHistogram samples_up_to(std::uint64_t count) {
  CensoredHistogram samples;
  for (std::uint64_t value = 1; value <= count; ++value) samples.record(value * 1000);
  return samples;
}

bool names(const ChartLine& line, const std::string& label) {
  return std::ranges::any_of(line.points, [&](const ChartPoint& point) {
    return point.label.find(label) != std::string::npos;
  });
}

TEST(PercentileLines, GoUpToTheMaximumWhereSingleSamplesCount) {
  const auto lines = percentile_lines(samples_up_to(1000), words, /*beyond_min=*/0);

  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(lines[0].name, "service (sent to answered)");
  EXPECT_TRUE(names(lines[0], "service p50: "));
  EXPECT_DOUBLE_EQ(lines[0].points.back().x, 1000);
  EXPECT_THAT(lines[0].points.back().label, HasSubstr("service p99.9: (999 µs)"));
}

TEST(PercentileLines, EndWhereTooFewSamplesLieBeyond) {
  const auto lines = percentile_lines(samples_up_to(1000), words, /*beyond_min=*/10);

  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_DOUBLE_EQ(lines[0].points.back().x, 100);
  EXPECT_TRUE(names(lines[0], "service p99: 990 µs"));
  EXPECT_FALSE(names(lines[0], "p99.9"));
}

TEST(PercentileLines, AreNoneWithoutEnoughSamples) {
  EXPECT_THAT(percentile_lines(CensoredHistogram(), words, /*beyond_min=*/0), IsEmpty());
  EXPECT_THAT(percentile_lines(samples_up_to(9), words, /*beyond_min=*/10), IsEmpty());
}

TEST(PercentileLines, GoOnAsABoundWhereSamplesAreCensored) {
  CensoredHistogram samples = samples_up_to(980);
  for (int i = 0; i < 20; ++i) samples.record_censored(2'000'000);

  const auto lines = percentile_lines(samples, words, /*beyond_min=*/10);

  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_FALSE(lines[0].is_bound);
  EXPECT_TRUE(lines[1].is_bound);
  EXPECT_DOUBLE_EQ(lines[1].points.front().x, lines[0].points.back().x);
}

}  // namespace
}  // namespace weir::tools::load
