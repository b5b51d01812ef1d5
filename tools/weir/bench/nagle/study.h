// The Nagle study as a whole: which paths, how many rounds, all cells in random order, and what
// came of them.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/bench/nagle/cell_metrics.h"
#include "tools/weir/bench/nagle/path_ends.h"
#include "tools/weir/bench/options.h"
#include "tools/weir/bench/report/machine_record.h"
#include "tools/weir/common/machine.h"

namespace weir::tools::bench {

struct StudyResult {
  std::vector<CellSummary> cells;     ///< by path, then as the scenarios have them
  std::vector<std::string> left_out;  ///< what could not be had here, and why
  std::string congestion_control;     ///< of all cells but those that vary it
  Effort effort = Effort::quick;
  unsigned rounds = 0;
  std::chrono::milliseconds cell{};  ///< how long one sends, if it needs no longer
  bool is_apart = true;              ///< each end had a processor of its own
  Machine machine{};
  std::vector<EndInterfaces> path_ends{};  ///< of the paths that cells were measured on
  MachineRecord record{};
};

struct StudyEvents {
  /// Before the first cell: what makes this machine noisy.
  std::function<void(const std::vector<doctor::LimitFinding>& findings)> noise;
  /// Before each cell: what comes, and how many of how many are done.
  std::function<void(std::string_view cell, std::size_t done, std::size_t total)> cell;
};

[[nodiscard]] StudyResult run_study(const Options& options, const StudyEvents& events);

/// A cell in a line: `N1 4 + 60 B, nagle, quick ACKs, loopback`.
[[nodiscard]] std::string describe(const CellSummary& cell);

}  // namespace weir::tools::bench
