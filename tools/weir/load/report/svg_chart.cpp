#include "tools/weir/load/report/svg_chart.h"

#include <array>
#include <cstddef>

#include <fmt/format.h>

#include "tools/weir/load/report/html_text.h"

namespace weir::tools::load {
namespace {

constexpr double margin_left = 64;
constexpr double margin_right = 28;
constexpr double margin_top = 12;
constexpr double margin_bottom = 48;
constexpr std::size_t styles = chart_looks;

constexpr std::array<std::string_view, styles> dashes = {"",    "7 3", "2 3",  "10 3 2 3",
                                                         "1 2", "4 4", "12 4", "7 2 2 2 2 2"};

struct Extent {
  double width;
  double height;
};

constexpr Extent extent_of(ChartSize size) noexcept {
  return size == ChartSize::whole ? Extent{1000, 380} : Extent{480, 300};
}

struct Place {
  double x;
  double y;
};

class Frame {
 public:
  explicit Frame(const Chart& chart)
      : extent(extent_of(chart.size)),
        x_(chart.x.scale, chart.x.unit, values(chart, &ChartPoint::x)),
        y_(chart.y.scale, chart.y.unit, values(chart, &ChartPoint::y)) {}

  [[nodiscard]] Place place(double x, double y) const { return {x_at(x), y_at(y)}; }
  [[nodiscard]] double x_at(double x) const {
    return margin_left + x_.position(x) * (extent.width - margin_left - margin_right);
  }
  [[nodiscard]] double y_at(double y) const {
    return extent.height - margin_bottom -
           y_.position(y) * (extent.height - margin_top - margin_bottom);
  }
  [[nodiscard]] const ChartAxis& x() const { return x_; }
  [[nodiscard]] const ChartAxis& y() const { return y_; }

  const Extent extent;

 private:
  static std::vector<double> values(const Chart& chart, double ChartPoint::* member) {
    std::vector<double> out;
    for (const ChartLine& line : chart.lines) {
      for (const ChartPoint& point : line.points) out.push_back(point.*member);
    }
    return out;
  }

  ChartAxis x_;
  ChartAxis y_;
};

std::string axes_markup(const Chart& chart, const Frame& frame) {
  std::string out = "<g class=\"grid\">\n";
  const double floor = frame.extent.height - margin_bottom;
  const double end = frame.extent.width - margin_right;
  for (const AxisMark& mark : frame.y().marks()) {
    const double y = frame.y_at(mark.value);
    out += fmt::format("<line x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>",
                       margin_left, end, y, y);
    out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n",
                       margin_left - 8, y + 4, html_escaped(mark.text));
  }
  for (const AxisMark& mark : frame.x().marks()) {
    const double x = frame.x_at(mark.value);
    out += fmt::format("<line x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>", x, x,
                       margin_top, floor + 4);
    out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n", x,
                       floor + 18, html_escaped(mark.text));
  }
  out += fmt::format("<text class=\"axis\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}",
                     (margin_left + end) / 2, frame.extent.height - 8, html_escaped(chart.x.label));
  out += "</text>\n</g>\n";
  return out + fmt::format("<path class=\"frame\" d=\"M{0:.1f} {1:.1f}V{2:.1f}H{3:.1f}\"/>\n",
                           margin_left, margin_top, floor, end);
}

/// A different shape for each style, around (0, 0).
std::string_view shape_of(std::size_t style) {
  constexpr std::array<std::string_view, styles> shapes = {
      "<circle r=\"3.6\"/>",
      "<rect x=\"-3.2\" y=\"-3.2\" width=\"6.4\" height=\"6.4\"/>",
      "<path d=\"M0 -4.4L4 3H-4Z\"/>",
      "<path d=\"M0 -4.6L4.6 0L0 4.6L-4.6 0Z\"/>",
      "<path d=\"M0 4.4L4 -3H-4Z\"/>",
      "<path d=\"M-3.6 -3.6L3.6 3.6M-3.6 3.6L3.6 -3.6\"/>",
      "<path d=\"M0 -4.6V4.6M-4.6 0H4.6\"/>",
      "<path d=\"M-4.6 -2H4.6V2H-4.6Z\"/>"};
  return shapes[style % styles];
}

std::string line_markup(const ChartLine& line, std::size_t style, const Frame& frame) {
  std::string points;
  std::string shapes;
  for (const ChartPoint& point : line.points) {
    const Place at = frame.place(point.x, point.y);
    points += fmt::format("{}{:.1f},{:.1f}", points.empty() ? "" : " ", at.x, at.y);
    if (point.label.empty()) continue;
    shapes += fmt::format("<g transform=\"translate({:.1f} {:.1f})\">{}<title>{}</title></g>\n",
                          at.x, at.y, shape_of(style), html_escaped(point.label));
  }
  const std::string_view dash = line.is_bound ? "1 4" : dashes[style % styles];
  return fmt::format("<g class=\"series s{}\"><polyline points=\"{}\"{}/>\n{}</g>\n",
                     style % styles + 1, points,
                     dash.empty() ? "" : fmt::format(" stroke-dasharray=\"{}\"", dash), shapes);
}

std::string legend_entry(const ChartLine& line, std::size_t style) {
  const std::string_view dash = dashes[style % styles];
  return fmt::format(
      "<li><svg class=\"key\" viewBox=\"0 0 34 12\" aria-hidden=\"true\"><g class=\"series s{}\">"
      "<polyline points=\"1,6 33,6\"{}/><g transform=\"translate(17 6)\">{}</g></g></svg>{}</li>\n",
      style % styles + 1, dash.empty() ? "" : fmt::format(" stroke-dasharray=\"{}\"", dash),
      shape_of(style), html_escaped(line.name));
}

}  // namespace

std::string draw_chart(const Chart& chart) {
  const Frame frame(chart);
  const Extent extent = frame.extent;
  std::string lines;
  std::string legend;
  std::size_t style = 0;
  bool is_first = true;
  bool is_in_legend = false;
  for (const ChartLine& line : chart.lines) {
    if (!line.is_bound) {
      if (!is_first) ++style;
      is_in_legend = false;
    }
    is_first = false;
    if (line.points.empty()) continue;
    // What comes first matters most, so it is drawn last.
    lines = line_markup(line, style, frame) + lines;
    // Of one that is known from below only, the bound is all there is to name.
    if (!is_in_legend) legend += legend_entry(line, style);
    is_in_legend = true;
  }
  if (lines.empty()) return {};
  std::string out = fmt::format(
      "<figure class=\"chart\">\n<figcaption>{0}<span>{1}</span></figcaption>\n"
      "<svg id=\"{2}\" viewBox=\"0 0 {3} {4}\" role=\"img\" aria-labelledby=\"{2}-title "
      "{2}-desc\">\n"
      "<title id=\"{2}-title\">{0}</title>\n<desc id=\"{2}-desc\">{5}</desc>\n",
      html_escaped(chart.title), html_escaped(chart.y.label), chart.id, extent.width, extent.height,
      html_escaped(chart.description));
  out += axes_markup(chart, frame) + lines;
  return out + fmt::format("</svg>\n<ul class=\"legend\">\n{}</ul>\n</figure>\n", legend);
}

}  // namespace weir::tools::load
