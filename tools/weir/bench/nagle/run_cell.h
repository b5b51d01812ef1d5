// Runs one cell: two threads, each on a processor of its own if there are two, joined by a path,
// and the relay of that path if it has one.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "tools/weir/bench/nagle/cell.h"
#include "tools/weir/bench/nagle/network_path.h"
#include "tools/weir/common/cpu_pair.h"

namespace weir::tools::bench {

struct CellSetting {
  const NetworkPath& path;
  CpuPair cpus{};
  std::string_view congestion_control;  ///< of cells that name none
};

/// The error says which end failed at what.
[[nodiscard]] std::expected<CellResult, std::string> run_cell(const CellSpec& spec,
                                                              const CellSetting& setting);

}  // namespace weir::tools::bench
