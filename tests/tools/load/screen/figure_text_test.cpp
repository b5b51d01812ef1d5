#include "tools/weir/load/screen/figure_text.h"

#include <limits>

#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

TEST(FigureText, CountsAreExactWhileTheyFit) {
  EXPECT_EQ(count_figure(0, 10), "0");
  EXPECT_EQ(count_figure(99'999'999, 10), "99 999 999");
  EXPECT_EQ(count_figure(100'000'000, 10), "1e+08");
  EXPECT_EQ(count_figure(std::numeric_limits<std::uint64_t>::max(), 10), "1.8e+19");
}

TEST(FigureText, RatesAreWholeWhileTheyFit) {
  EXPECT_EQ(rate_figure(120'003.4, 13), "120 003/s");
  EXPECT_EQ(rate_figure(999'999'999, 13), "999 999 999/s");
  EXPECT_EQ(rate_figure(1'200'000'000, 13), "1.2e+09/s");
  EXPECT_EQ(rate_figure(std::numeric_limits<double>::max(), 13), "1.8e+308/s");
  EXPECT_EQ(rate_figure(std::numeric_limits<double>::infinity(), 13), "inf/s");
}

TEST(FigureText, SmallSharesHaveADecimal) {
  EXPECT_EQ(share_figure(0), "0.0 %");
  EXPECT_EQ(share_figure(0.002), "0.2 %");
  EXPECT_EQ(share_figure(0.0994), "9.9 %");
  EXPECT_EQ(share_figure(0.0996), "10 %");
  EXPECT_EQ(share_figure(3.98), "398 %");
  EXPECT_EQ(share_figure(1e300), "1e+302 %");
}

}  // namespace
}  // namespace weir::tools::load
