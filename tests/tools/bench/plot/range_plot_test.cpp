#include "tools/weir/bench/plot/range_plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/bench/plot/well_formed.h"

namespace weir::tools::bench {
namespace {

using test::fault_of;
using ::testing::AllOf;
using ::testing::HasSubstr;

RangePlot example(std::size_t rows) {
  RangePlot plot{.title = "By <mode>", .description = "", .axis = {.label = "time"}, .rows = {}};
  for (std::size_t i = 0; i < rows; ++i) {
    plot.rows.push_back({.name = "mode & " + std::to_string(i),
                         .low = 30e3,
                         .high = 90e3,
                         .text = "30 us to 90 us"});
  }
  return plot;
}

TEST(RangePlot, IsWellFormedWhateverItsWordsAre) {
  const std::string svg = draw(example(3));

  EXPECT_EQ(fault_of(svg), "");
  EXPECT_THAT(svg, AllOf(HasSubstr("By &lt;mode&gt;"), HasSubstr("mode &amp; 2"),
                         HasSubstr(">30 us to 90 us</text>"), HasSubstr(">time</text>")));
}

TEST(RangePlot, IsAsHighAsItsRowsWant) {
  EXPECT_THAT(draw(example(1)), HasSubstr("viewBox=\"0 0 760 134\""));
  EXPECT_THAT(draw(example(3)), HasSubstr("viewBox=\"0 0 760 194\""));
}

TEST(RangePlot, OfNothingIsNothing) { EXPECT_EQ(draw(example(0)), ""); }

}  // namespace
}  // namespace weir::tools::bench
