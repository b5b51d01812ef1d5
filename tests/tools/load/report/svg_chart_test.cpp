#include "tools/weir/load/report/svg_chart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Chart example_chart() {
  return {.id = "example",
          .title = "Title <b>",
          .description = "Description & more",
          .x = {AxisScale::linear, AxisUnit::seconds, "time"},
          .y = {AxisScale::linear, AxisUnit::per_second, "rate"},
          .lines = {{.name = "first", .points = {{0, 0}, {10, 100, "mark \"one\""}}},
                    {.name = "second", .points = {{0, 50}, {10, 50}}}}};
}

TEST(SvgChart, NamesAndDescribesItself) {
  const std::string svg = draw_chart(example_chart());

  EXPECT_THAT(svg, HasSubstr("role=\"img\" aria-labelledby=\"example-title example-desc\""));
  EXPECT_THAT(svg, HasSubstr("<title id=\"example-title\">Title &lt;b&gt;</title>"));
  EXPECT_THAT(svg, HasSubstr("<desc id=\"example-desc\">Description &amp; more</desc>"));
}

TEST(SvgChart, LinesDifferInMoreThanColour) {
  const std::string svg = draw_chart(example_chart());

  EXPECT_THAT(svg, HasSubstr("<g class=\"series s1\"><polyline points=\"64.0,332.0 972.0,"));
  EXPECT_THAT(svg, HasSubstr("<g class=\"series s2\"><polyline points=\"64.0,179.6 972.0,179.6\" "
                             "stroke-dasharray=\"7 3\"/>"));
  EXPECT_THAT(svg, HasSubstr("<circle r=\"3.6\"/><title>mark &quot;one&quot;</title>"));
}

TEST(SvgChart, ABoundContinuesItsLineWithoutALegendOfItsOwn) {
  Chart chart = example_chart();
  chart.lines[1] = {.name = "first", .points = {{10, 100}, {20, 100}}, .is_bound = true};

  const std::string svg = draw_chart(chart);

  EXPECT_THAT(svg, HasSubstr("stroke-dasharray=\"1 4\""));
  EXPECT_THAT(svg, Not(HasSubstr("series s2")));
  EXPECT_EQ(svg.find("<li>"), svg.rfind("<li>"));
}

TEST(SvgChart, ABoundWithNothingKnownBeforeItIsInTheLegend) {
  Chart chart = example_chart();
  chart.lines[1].points.clear();
  chart.lines.push_back({.name = "only bound", .points = {{10, 100}, {20, 100}}, .is_bound = true});

  const std::string svg = draw_chart(chart);

  EXPECT_THAT(svg, HasSubstr("<g class=\"series s2\"><polyline points=\"1,6 33,6\""));
  EXPECT_THAT(svg, HasSubstr("only bound</li>"));
}

TEST(SvgChart, OfNothingIsNothing) {
  Chart chart = example_chart();
  chart.lines = {};

  EXPECT_EQ(draw_chart(chart), "");
}

}  // namespace
}  // namespace weir::tools::load
