// Two results of the Nagle study, perhaps of different days: which cells became slower or dearer?
//
// A cell has no server beside it that its times could be a ratio to, so they are compared as they
// are, and a difference has to be large: the rounds of the two are further apart than those of
// either among themselves, and the medians by more than a fifth. Machines in another mood can do
// that too: what differs in the settings is a warning.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/bench/compare/compare_results.h"
#include "tools/weir/bench/nagle/cell_metrics.h"
#include "tools/weir/common/json_text.h"
#include "tools/weir/load/stats/paired_comparison.h"

namespace weir::tools::bench {

struct StoredCell {
  std::string name;                   ///< as --only selects it
  std::string failure;                ///< empty: it was measured
  bool is_trusted = true;             ///< its relay kept to time
  bool is_flood = false;              ///< as fast as it goes: compared by its rate, not by an age
  std::vector<CellMetrics> rounds{};  ///< of the metrics that are compared; others are 0
};

struct StoredStudy {
  std::vector<StoredCell> cells{};
  Settings settings{};
};

/// Whether that is a result of the study and not of a suite.
[[nodiscard]] bool is_study(const Json& json) noexcept;
/// The error is a sentence without a full stop. \param name  what it is, for the error
[[nodiscard]] std::expected<StoredStudy, std::string> study_of(const Json& json,
                                                               const std::string& name);

struct CellChange {
  std::string cell;
  Metric metric = Metric::p50_us;
  Spread before{};
  Spread after{};
  load::ComparisonVerdict verdict = load::ComparisonVerdict::no_difference_shown;
};

/// Of the cells that both have and that can be trusted in both, in the order of the first.
[[nodiscard]] std::vector<CellChange> compare_studies(const StoredStudy& before,
                                                      const StoredStudy& after);
[[nodiscard]] bool is_slower(std::span<const CellChange> changes) noexcept;
/// A line for each difference, and how many comparisons show none.
[[nodiscard]] std::string changes_text(std::span<const CellChange> changes);

}  // namespace weir::tools::bench
