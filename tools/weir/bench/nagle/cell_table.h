// Looks cells up among the results of the Nagle study.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/bench/nagle/cell_metrics.h"

namespace weir::tools::bench {

class CellTable {
 public:
  explicit CellTable(std::span<const CellSummary> cells) noexcept : cells_(cells) {}

  /// The cell with delayed acknowledgements; `nullptr` if it was not measured.
  [[nodiscard]] const CellSummary* find(std::string_view path, std::string_view scenario,
                                        std::string_view name, WriteMode mode,
                                        AckMode acks = AckMode::delayed) const noexcept;
  /// The paths, in the order of the results.
  [[nodiscard]] std::vector<std::string> paths() const;
  /// The names of a scenario's cells, each once, in the order of the results.
  [[nodiscard]] std::vector<std::string> names(std::string_view path,
                                               std::string_view scenario) const;

 private:
  std::span<const CellSummary> cells_;
};

}  // namespace weir::tools::bench
