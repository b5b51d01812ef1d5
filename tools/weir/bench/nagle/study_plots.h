// The plots of the Nagle study: an SVG file each.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tools/weir/bench/nagle/cell_metrics.h"

namespace weir::tools::bench {

struct StudyPlot {
  std::string file;  ///< `nagle-body-size.svg`
  std::string title;
  std::string svg;
};

/// Those whose cells were measured: the time of an exchange by the size of its body, the age of a
/// message by the interval, the time of an exchange by write mode.
[[nodiscard]] std::vector<StudyPlot> study_plots(std::span<const CellSummary> cells);

}  // namespace weir::tools::bench
