#include "tools/weir/bench/plot/line_plot.h"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "tools/weir/bench/plot/svg_document.h"
#include "weir/base/assert.h"

namespace weir::tools::bench {
namespace {

using load::AxisMark;
using load::AxisScale;
using load::ChartAxis;

constexpr SvgExtent extent{};
constexpr double frame_left = 72;
constexpr double margin_right = 24;
constexpr double frame_top = 66;
constexpr double margin_bottom = 78;
constexpr double frame_bottom = extent.height - margin_bottom;
constexpr double frame_right = extent.width - margin_right;

class Frame {
 public:
  explicit Frame(const LinePlot& plot)
      : x_(AxisScale::logarithmic, plot.x.unit, x_values(plot)),
        y_(AxisScale::logarithmic, plot.y.unit, y_values(plot)) {}

  [[nodiscard]] double x_at(double x) const {
    return frame_left + x_.position(x) * (frame_right - frame_left);
  }
  [[nodiscard]] double y_at(double y) const {
    return frame_bottom - y_.position(y) * (frame_bottom - frame_top);
  }

  [[nodiscard]] std::string markup(const LinePlot& plot) const {
    std::string out;
    for (const AxisMark& mark : y_.marks()) {
      const double y = y_at(mark.value);
      out += svg_line("grid", {frame_left, y, frame_right, y}) +
             svg_text(frame_left - 8, y + 4, "end", mark.text);
    }
    for (const AxisMark& mark : x_.marks()) {
      const double x = x_at(mark.value);
      out += svg_line("grid", {x, frame_top, x, frame_bottom}) +
             svg_text(x, frame_bottom + 18, "middle", mark.text);
    }
    out += svg_line("frame", {frame_left, frame_bottom, frame_right, frame_bottom});
    out += svg_line("frame", {frame_left, frame_top, frame_left, frame_bottom});
    out += svg_text((frame_left + frame_right) / 2, frame_bottom + 38, "middle", plot.x.label);
    return out + svg_text(16, frame_top - 16, "start", plot.y.label);
  }

 private:
  static std::vector<double> x_values(const LinePlot& plot) {
    std::vector<double> values;
    for (const PlotLine& line : plot.lines) {
      for (const PlotPoint& point : line.points) values.push_back(point.x);
    }
    if (plot.mark) values.push_back(plot.mark->x);
    return values;
  }
  static std::vector<double> y_values(const LinePlot& plot) {
    std::vector<double> values;
    for (const PlotLine& line : plot.lines) {
      for (const PlotPoint& point : line.points) values.push_back(point.y);
    }
    return values;
  }

  ChartAxis x_;
  ChartAxis y_;
};

std::string line_markup(const PlotLine& line, std::size_t series, const Frame& frame) {
  std::string places;
  std::string points;
  for (const PlotPoint& point : line.points) {
    const double x = frame.x_at(point.x);
    const double y = frame.y_at(point.y);
    places += fmt::format("{}{:.1f},{:.1f}", places.empty() ? "" : " ", x, y);
    points += svg_point(series, x, y, point.label);
  }
  return fmt::format("<polyline class=\"series s{}\" points=\"{}\"/>\n", series + 1, places) +
         points;
}

std::string legend(const std::vector<PlotLine>& lines) {
  constexpr double y = extent.height - 14;
  constexpr double step = 200;
  std::string out;
  double x = frame_left;
  for (std::size_t i = 0; i < lines.size(); ++i, x += step) {
    out += svg_point(i, x + 6, y - 4, lines[i].name) + svg_text(x + 18, y, "start", lines[i].name);
  }
  return out;
}

}  // namespace

std::string draw(const LinePlot& plot) {
  WEIR_ASSERT(plot.lines.size() <= svg_series_max);
  if (std::ranges::all_of(plot.lines, [](const PlotLine& line) { return line.points.empty(); })) {
    return {};
  }
  const Frame frame(plot);
  std::string body = frame.markup(plot);
  if (plot.mark) {
    const double x = frame.x_at(plot.mark->x);
    // To whichever side has more room.
    const bool is_left = x > (frame_left + frame_right) / 2;
    body += svg_line("mark", {x, frame_top, x, frame_bottom});
    body += svg_text(x + (is_left ? -6 : 6), frame_top + 12, is_left ? "end" : "start",
                     plot.mark->text);
  }
  for (std::size_t i = 0; i < plot.lines.size(); ++i) body += line_markup(plot.lines[i], i, frame);
  return svg_document({.title = plot.title, .description = plot.description, .extent = extent},
                      body + legend(plot.lines));
}

}  // namespace weir::tools::bench
