// A plot of lines, as an SVG file. Both axes are logarithmic: what is compared here differs by
// factors.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/weir/load/report/chart_axis.h"

namespace weir::tools::bench {

struct PlotPoint {
  double x = 0;
  double y = 0;
  std::string label;  ///< what it says when pointed at
};

struct PlotLine {
  std::string name;
  std::vector<PlotPoint> points;
};

struct PlotAxis {
  load::AxisUnit unit = load::AxisUnit::nanoseconds;
  std::string label;  ///< with its unit, if the marks have none
};

/// A vertical line at a value that matters.
struct PlotMark {
  double x = 0;
  std::string text;
};

struct LinePlot {
  std::string title;
  std::string description;
  PlotAxis x;
  PlotAxis y;
  std::vector<PlotLine> lines;  ///< at most `svg_series_max`
  std::optional<PlotMark> mark{};
};

/// An SVG document; empty if no line has a point.
[[nodiscard]] std::string draw(const LinePlot& plot);

}  // namespace weir::tools::bench
