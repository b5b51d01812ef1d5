// The table that `weir demo` ends with.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/weir/common/text_style.h"
#include "weir/core/backend_report.h"

namespace weir::tools::demo {

/// One load on one backend. Zero requests: it failed.
struct Cell {
  std::string load;  ///< "64 connections, depth 1"
  Backend backend = Backend::automatic;
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;
  double rate = 0;  ///< requests a second
  std::chrono::nanoseconds p50{};
  std::chrono::nanoseconds p99{};
  std::chrono::nanoseconds max{};
  std::chrono::nanoseconds server_cpu_per_request{};
  std::optional<double> server_calls_per_request;
};

/// Rows grouped by load, at most 80 columns.
[[nodiscard]] std::string table_text(const std::vector<Cell>& cells, TextStyle style);

}  // namespace weir::tools::demo
