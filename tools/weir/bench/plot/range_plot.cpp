#include "tools/weir/bench/plot/range_plot.h"

#include "tools/weir/bench/plot/svg_document.h"

namespace weir::tools::bench {
namespace {

using load::AxisMark;
using load::AxisScale;
using load::ChartAxis;

constexpr double width = SvgExtent{}.width;
constexpr double left = 150;
constexpr double end = width - 170;  // room for the values in words
constexpr double top = 48;
constexpr double row_height = 30;
constexpr double bottom = 56;

}  // namespace

std::string draw(const RangePlot& plot) {
  if (plot.rows.empty()) return {};
  std::vector<double> values;
  for (const PlotRow& row : plot.rows) {
    values.push_back(row.low);
    values.push_back(row.high);
  }
  const ChartAxis axis(AxisScale::logarithmic, plot.axis.unit, values);
  const auto x_at = [&axis](double value) { return left + axis.position(value) * (end - left); };
  const double ground = top + row_height * static_cast<double>(plot.rows.size());

  std::string body;
  for (const AxisMark& mark : axis.marks()) {
    const double x = x_at(mark.value);
    body += svg_line("grid", {x, top, x, ground}) + svg_text(x, ground + 18, "middle", mark.text);
  }
  body += svg_line("frame", {left, ground, end, ground});
  body += svg_text((left + end) / 2, ground + 40, "middle", plot.axis.label);
  double y = top + row_height / 2;
  for (const PlotRow& row : plot.rows) {
    body += svg_text(left - 12, y + 4, "end", row.name);
    body += svg_line("series s2", {x_at(row.low), y, x_at(row.high), y});
    body += svg_line("series s2", {x_at(row.high), y - 6, x_at(row.high), y + 6});
    body += svg_point(1, x_at(row.low), y, row.text);
    body += svg_text(width - 16, y + 4, "end", row.text);
    y += row_height;
  }
  return svg_document({.title = plot.title,
                       .description = plot.description,
                       .extent = {.width = width, .height = ground + bottom}},
                      body);
}

}  // namespace weir::tools::bench
