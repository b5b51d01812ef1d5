#include "tools/weir/load/report/latency_bars.h"

#include <cmath>
#include <random>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::uint64_t total(const std::vector<LatencyBar>& bars) {
  std::uint64_t sum = 0;
  for (const LatencyBar& bar : bars) sum += bar.count;
  return sum;
}

TEST(LatencyBars, NothingIsNoRows) {
  EXPECT_THAT(latency_bars(Histogram(), 12), IsEmpty());
  EXPECT_EQ(draw_latency_bars(Histogram(), {}), "");
}

TEST(LatencyBars, OneValueIsOneRow) {
  for (const std::uint64_t value : {0UL, 1UL, 2UL, 1023UL, 1024UL, 1025UL, 3'600'000'000'000UL}) {
    Histogram histogram;
    histogram.record_n(value, 5);

    const auto bars = latency_bars(histogram, 12);

    ASSERT_EQ(bars.size(), 1U) << value;
    EXPECT_EQ(bars[0].count, 5U);
    EXPECT_LE(bars[0].from.count(), std::max<std::int64_t>(1, static_cast<std::int64_t>(value)));
  }
}

TEST(LatencyBars, EverySampleIsInARow) {
  for (const double spread : {0.1, 1.0, 3.0, 6.0}) {
    std::mt19937_64 random(5);
    std::lognormal_distribution<double> latency(11, spread);
    Histogram histogram;
    for (int i = 0; i < 10'000; ++i) histogram.record(static_cast<std::uint64_t>(latency(random)));

    const auto bars = latency_bars(histogram, 12);

    EXPECT_GE(bars.size(), 1U);
    EXPECT_LE(bars.size(), 12U);
    EXPECT_EQ(total(bars), histogram.count()) << spread;
  }
}

TEST(LatencyBars, RowsAreSpacedByTheSquareRootOfTwo) {
  Histogram histogram;
  for (std::uint64_t value = 1000; value < 8000; ++value) histogram.record(value);

  const auto bars = latency_bars(histogram, 12);

  for (std::size_t i = 1; i < bars.size(); ++i) {
    const auto ratio =
        static_cast<double>(bars[i].from.count()) / static_cast<double>(bars[i - 1].from.count());
    EXPECT_NEAR(ratio, std::sqrt(2.0), 0.01);
  }
}

TEST(LatencyBars, DrawsRowsWithTheirPercentiles) {
  Histogram histogram;
  histogram.record_n(33'000, 100);
  histogram.record_n(70'000, 880);
  histogram.record_n(130'000, 19);
  histogram.record_n(9'000'000, 1);

  EXPECT_EQ(draw_latency_bars(histogram, {}),
            "       33 us |#####\n"
            "       46 us |\n"
            "       66 us |######################################## p50 70 us\n"
            "    >= 93 us |#                                        p99 130 us p99.9 (130 us)\n");
  EXPECT_THAT(draw_latency_bars(histogram, {.utf8 = true}), HasSubstr("\n     ≥ 93 µs |▉"));
}

TEST(LatencyBars, BarsAreProportionalAndNeverInvisible) {
  EXPECT_EQ(draw_bar(0, 10, {}), "");
  EXPECT_EQ(draw_bar(0.001, 10, {}), ".");
  EXPECT_EQ(draw_bar(0.5, 10, {}), "#####");
  EXPECT_EQ(draw_bar(1, 10, {}), "##########");
  EXPECT_EQ(draw_bar(7, 10, {}), "##########");
  EXPECT_EQ(draw_bar(0.001, 10, {.utf8 = true}), "▏");
  EXPECT_EQ(draw_bar(0.25, 10, {.utf8 = true}), "██▌");
}

}  // namespace
}  // namespace weir::tools::load
