#include "tools/weir/load/report/chart_axis.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> mark_texts(const ChartAxis& axis) {
  std::vector<std::string> texts;
  for (const AxisMark& mark : axis.marks()) texts.push_back(mark.text);
  return texts;
}

TEST(ChartAxis, LinearStartsAtZeroAndHasRoundMarks) {
  const ChartAxis axis(AxisScale::linear, AxisUnit::per_second, {9'000, 10'000});

  EXPECT_THAT(mark_texts(axis), ElementsAre("0", "5000", "10k"));
  EXPECT_DOUBLE_EQ(axis.position(0), 0);
  EXPECT_NEAR(axis.position(10'500), 1, 1e-9);
  EXPECT_EQ(axis.position(-5), 0);
  EXPECT_EQ(axis.position(1e9), 1);
}

TEST(ChartAxis, LogarithmicMarksDecadesOrTheirParts) {
  const ChartAxis narrow(AxisScale::logarithmic, AxisUnit::nanoseconds, {60'000, 900'000});
  const ChartAxis wide(AxisScale::logarithmic, AxisUnit::nanoseconds, {900, 5e9});

  EXPECT_THAT(mark_texts(narrow), ElementsAre("50 µs", "100 µs", "200 µs", "500 µs", "1.0 ms"));
  EXPECT_THAT(mark_texts(wide),
              ElementsAre("1.0 µs", "10 µs", "100 µs", "1.0 ms", "10 ms", "100 ms", "1.0 s"));
  EXPECT_LT(wide.position(1e3), wide.position(1e4));
}

TEST(ChartAxis, ASingleValueHasMarksAroundIt) {
  for (const double value : {1.0, 3.0, 7.0, 4'000'000.0}) {
    const ChartAxis axis(AxisScale::logarithmic, AxisUnit::nanoseconds, {value, value});

    EXPECT_GE(axis.marks().size(), 2U) << value;
    EXPECT_NEAR(axis.position(value), 0.5, 1e-9) << value;
  }
}

TEST(ChartAxis, PercentilesGiveTheTailItsRoom) {
  const ChartAxis axis(AxisScale::logarithmic, AxisUnit::odds, {1, 100'000});

  EXPECT_THAT(mark_texts(axis),
              ElementsAre("0 %", "50 %", "90 %", "99 %", "99.9 %", "99.99 %", "99.999 %"));
  EXPECT_NEAR(axis.position(10), 0.2, 1e-9);
  EXPECT_NEAR(axis.position(1'000), 0.6, 1e-9);
}

TEST(ChartAxis, BearsNothingAndNonsense) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const AxisScale scale : {AxisScale::linear, AxisScale::logarithmic}) {
    for (const auto& values : {std::vector<double>{}, {0}, {nan}, {infinity, -5}, {7, 7}}) {
      const ChartAxis axis(scale, AxisUnit::per_second, values);

      EXPECT_GE(axis.position(nan), 0);
      EXPECT_LE(axis.position(infinity), 1);
      EXPECT_LT(axis.marks().size(), 20U);
    }
  }
}

}  // namespace
}  // namespace weir::tools::load
