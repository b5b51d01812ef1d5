// A chart of lines as SVG inside HTML: nothing but markup, so it shows without scripts, prints, and
// reads out its title and description. Colours are the page's (`--series-1` ...); lines also differ
// in their dashes and the shape of their points, so that nobody has to tell colours apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/load/report/chart_axis.h"

namespace weir::tools::load {

struct ChartPoint {
  double x = 0;
  double y = 0;
  std::string label{};  ///< if not empty the point has a mark, which shows this when pointed at
};

struct ChartLine {
  std::string name;
  std::vector<ChartPoint> points;
  bool is_bound = false;  ///< continues the line before it, but only says "at least": dotted
};

struct AxisChoice {
  AxisScale scale = AxisScale::linear;
  AxisUnit unit = AxisUnit::seconds;
  std::string label;
};

/// In a page of the usual width a chart's units are pixels, so that its letters are as large as
/// those around it.
enum class ChartSize : std::uint8_t { whole, half };

struct Chart {
  std::string_view id;  ///< unique in its page
  ChartSize size = ChartSize::whole;
  std::string title;
  std::string description;  ///< what is to be seen, in a sentence
  AxisChoice x;
  AxisChoice y;
  std::vector<ChartLine> lines;
};

/// Lines look alike again after so many; one that `is_bound` has the look of that before it.
inline constexpr std::size_t chart_looks = 8;

/// A `figure` with its caption, the `svg` and a legend; empty if no line has a point.
[[nodiscard]] std::string draw_chart(const Chart& chart);

}  // namespace weir::tools::load
