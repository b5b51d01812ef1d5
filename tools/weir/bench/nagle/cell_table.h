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

  /// The cell with delayed acknowledgements and nothing else out of the ordinary; `nullptr` if it
  /// was not measured, or cannot be trusted.
  [[nodiscard]] const CellSummary* find(std::string_view path, std::string_view scenario,
                                        std::string_view name, WriteMode mode,
                                        AckMode acks = AckMode::delayed) const;
  /// Those that differ in more than their mode: \param sender  as `sender_text` says it
  [[nodiscard]] const CellSummary* find_sender(std::string_view path, std::string_view scenario,
                                               std::string_view name,
                                               std::string_view sender) const;
  [[nodiscard]] std::span<const CellSummary> cells() const noexcept { return cells_; }
  /// The paths, in the order of the results.
  [[nodiscard]] std::vector<std::string> paths() const;
  /// The names of a scenario's cells, each once, in the order of the results.
  [[nodiscard]] std::vector<std::string> names(std::string_view path,
                                               std::string_view scenario) const;

 private:
  std::span<const CellSummary> cells_;
};

}  // namespace weir::tools::bench
