// Named rows, each with two values on one logarithmic axis: a point, a line to the second value,
// and both in words. As an SVG file.
#pragma once

#include <string>
#include <vector>

#include "tools/weir/bench/plot/line_plot.h"

namespace weir::tools::bench {

struct PlotRow {
  std::string name;
  double low = 0;
  double high = 0;
  std::string text;  ///< both, with their units
};

struct RangePlot {
  std::string title;
  std::string description;
  PlotAxis axis;
  std::vector<PlotRow> rows;
};

/// An SVG document as high as its rows want; empty if there are none.
[[nodiscard]] std::string draw(const RangePlot& plot);

}  // namespace weir::tools::bench
