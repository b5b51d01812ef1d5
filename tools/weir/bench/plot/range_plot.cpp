#include "tools/weir/bench/plot/range_plot.h"

#include "tools/weir/bench/plot/svg_document.h"

namespace weir::tools::bench {
namespace {

using load::AxisMark;
using load::AxisScale;
using load::ChartAxis;

constexpr double plot_width = SvgExtent{}.width;
constexpr double axis_left = 150;
constexpr double axis_right = plot_width - 170;  // room for the values in words
constexpr double first_row_top = 48;
constexpr double range_row_height = 30;
constexpr double axis_text_height = 56;

}  // namespace

std::string draw(const RangePlot& plot) {
  if (plot.rows.empty()) return {};
  std::vector<double> values;
  for (const PlotRow& row : plot.rows) {
    values.push_back(row.low);
    values.push_back(row.high);
  }
  const ChartAxis axis(AxisScale::logarithmic, plot.axis.unit, values);
  const auto x_at = [&axis](double value) {
    return axis_left + axis.position(value) * (axis_right - axis_left);
  };
  const double ground = first_row_top + range_row_height * static_cast<double>(plot.rows.size());

  std::string body;
  for (const AxisMark& mark : axis.marks()) {
    const double x = x_at(mark.value);
    body += svg_line("grid", {x, first_row_top, x, ground}) +
            svg_text(x, ground + 18, "middle", mark.text);
  }
  body += svg_line("frame", {axis_left, ground, axis_right, ground});
  body += svg_text((axis_left + axis_right) / 2, ground + 40, "middle", plot.axis.label);
  double y = first_row_top + range_row_height / 2;
  for (const PlotRow& row : plot.rows) {
    body += svg_text(axis_left - 12, y + 4, "end", row.name);
    body += svg_line("series s2", {x_at(row.low), y, x_at(row.high), y});
    body += svg_line("series s2", {x_at(row.high), y - 6, x_at(row.high), y + 6});
    body += svg_point(1, x_at(row.low), y, row.text);
    body += svg_text(plot_width - 16, y + 4, "end", row.text);
    y += range_row_height;
  }
  return svg_document({.title = plot.title,
                       .description = plot.description,
                       .extent = {.width = plot_width, .height = ground + axis_text_height}},
                      body);
}

}  // namespace weir::tools::bench
