#include "tools/weir/bench/plot/line_plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/bench/plot/well_formed.h"

namespace weir::tools::bench {
namespace {

using test::fault_of;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

LinePlot example() {
  return {.title = "Bodies <&>",
          .description = "What is \"seen\"",
          .x = {.unit = load::AxisUnit::per_second, .label = "bytes & more"},
          .y = {.unit = load::AxisUnit::nanoseconds, .label = "time"},
          .lines = {{.name = "one", .points = {{1000, 44e6, "44 ms"}, {2000, 50e3, "50 us"}}},
                    {.name = "two", .points = {{1000, 30e3, "30 us"}, {2000, 31e3, "31 us"}}}},
          .mark = PlotMark{.x = 1448, .text = "segment"}};
}

/// Of the first element that begins so.
double number_after(const std::string& text, const std::string& beginning, std::size_t from = 0) {
  const std::size_t at = text.find(beginning, from);
  return at == std::string::npos ? -1 : std::stod(text.substr(at + beginning.size()));
}

TEST(LinePlot, IsWellFormedWhateverItsWordsAre) {
  const std::string svg = draw(example());

  EXPECT_EQ(fault_of(svg), "");
  EXPECT_THAT(svg, AllOf(HasSubstr("Bodies &lt;&amp;&gt;"), HasSubstr("bytes &amp; more")));
}

TEST(LinePlot, StandsAloneOnLightAndDarkGround) {
  const std::string svg = draw(example());

  EXPECT_THAT(svg, AllOf(HasSubstr("xmlns=\"http://www.w3.org/2000/svg\""),
                         HasSubstr("prefers-color-scheme: dark"), HasSubstr("currentColor"),
                         HasSubstr("aria-labelledby=\"title description\"")));
  EXPECT_THAT(svg, AllOf(Not(HasSubstr("href")), Not(HasSubstr("<script"))));
}

TEST(LinePlot, HasAxesWithUnitsALegendAndItsMark) {
  const std::string svg = draw(example());

  EXPECT_THAT(svg, AllOf(HasSubstr(">1.0 ms</text>"), HasSubstr(">1000</text>"),
                         HasSubstr(">time</text>"), HasSubstr(">two</text>"),
                         HasSubstr(">segment</text>"), HasSubstr("<title>44 ms</title>")));
}

TEST(LinePlot, TheMarkLiesBetweenThePointsOnItsSides) {
  const std::string svg = draw(example());

  const double mark = number_after(svg, "class=\"mark\" x1=\"");
  const double first = number_after(svg, "points=\"");
  const double second = number_after(svg, " ", svg.find(',', svg.find("points=\"")));

  EXPECT_LT(first, mark);
  EXPECT_LT(mark, second);
}

TEST(LinePlot, OfNothingIsNothing) {
  LinePlot plot = example();
  for (PlotLine& line : plot.lines) line.points.clear();

  EXPECT_EQ(draw(plot), "");
}

TEST(WellFormed, SeesWhatIsNot) {
  EXPECT_EQ(fault_of("<a><b x=\"1\"/>text &amp; more</a>"), "");
  for (const char* const wrong :
       {"<a>", "</a>", "<a><b></a></b>", "<a>x & y</a>", "<a", "<a <b>"}) {
    EXPECT_NE(fault_of(wrong), "") << wrong;
  }
}

}  // namespace
}  // namespace weir::tools::bench
