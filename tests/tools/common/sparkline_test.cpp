#include "tools/weir/common/sparkline.h"

#include <vector>

#include <gtest/gtest.h>

namespace weir::tools {
namespace {

TEST(Sparkline, DrawsHeightsFromZeroToTheLargest) {
  const std::vector<std::uint64_t> values = {0, 1, 4, 7, 8};

  EXPECT_EQ(draw_sparkline(values, 10, {.utf8 = true}), "▁▂▅██");
}

TEST(Sparkline, AveragesNeighboursWhereThereAreTooMany) {
  const std::vector<std::uint64_t> values = {0, 0, 8, 8, 4, 4};

  EXPECT_EQ(draw_sparkline(values, 3, {.utf8 = true}), "▁█▅");
}

TEST(Sparkline, NeedsUtf8AndValues) {
  EXPECT_EQ(draw_sparkline(std::vector<std::uint64_t>{1, 2}, 10, {}), "");
  EXPECT_EQ(draw_sparkline({}, 10, {.utf8 = true}), "");
  EXPECT_EQ(draw_sparkline(std::vector<std::uint64_t>{0, 0}, 10, {.utf8 = true}), "▁▁");
}

TEST(Sparkline, CellsAreDrawnOneByOneOnTheScaleOfTheCaller) {
  EXPECT_EQ(sparkline_cell(0, {.utf8 = true}), "▁");
  EXPECT_EQ(sparkline_cell(7, {.utf8 = true}), "█");
  EXPECT_EQ(sparkline_cell(100, {.utf8 = true}), "█");
  EXPECT_EQ(sparkline_cell(0, {}), "1");
  EXPECT_EQ(sparkline_cell(7, {}), "8");
}

}  // namespace
}  // namespace weir::tools
