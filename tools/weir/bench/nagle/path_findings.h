// The findings of one path as they are written, and what those who write them ask the cells.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/weir/bench/nagle/cell_table.h"
#include "tools/weir/bench/nagle/findings.h"

namespace weir::tools::bench {

/// Of the exchanges: nearly every one has to stall. A busy host may add a pause of its own.
inline constexpr double stall_share_min = 0.8;
inline constexpr double stall_share_max = 0.1;

/// `38 us`, `44.0 ms`.
[[nodiscard]] std::string time_text(double us);

/// `47 %`.
[[nodiscard]] std::string percent_text(double share);

[[nodiscard]] inline bool always_stalls(const CellSummary& cell) {
  return cell.median(Metric::stalls) >= stall_share_min;
}
[[nodiscard]] inline bool never_stalls(const CellSummary& cell) {
  return cell.median(Metric::stalls) <= stall_share_max;
}

/// How one cell stands to another. A difference is shown only where their rounds do not overlap and
/// the medians are more than a fifth apart.
struct Comparison {
  double ratio = 1;       ///< of the medians
  bool is_shown = false;  ///< that they differ
  bool is_close = true;   ///< the medians are less than a fifth apart

  [[nodiscard]] bool is_less() const noexcept { return is_shown && ratio < 1; }
  [[nodiscard]] bool is_more() const noexcept { return is_shown && ratio > 1; }
};

[[nodiscard]] Comparison compare(const CellSummary& cell, const CellSummary& with, Metric metric);

/// Of a comparison that theory is sure of.
[[nodiscard]] Outcome expect_more(const Comparison& found) noexcept;
[[nodiscard]] Outcome expect_less(const Comparison& found) noexcept;
/// Medians that are apart while the rounds overlap show neither a difference nor that there is
/// none.
[[nodiscard]] Outcome expect_equal(const Comparison& found) noexcept;

/// Which of two sent more messages a second: `1.9 times as many messages a second with it`, which
/// is Nagle's algorithm.
[[nodiscard]] std::string rate_words(const CellSummary& nagle, const CellSummary& nodelay);

class PathFindings {
 public:
  /// \param table  outlives this
  PathFindings(const CellTable& table, std::string path) : table_(table), path_(std::move(path)) {}

  /// `nullptr` if it was not measured, or cannot be trusted.
  [[nodiscard]] const CellSummary* cell(std::string_view scenario, std::string_view name,
                                        WriteMode mode, AckMode acks = AckMode::delayed) const {
    return table_.find(path_, scenario, name, mode, acks);
  }
  [[nodiscard]] const CellSummary* cell_of(std::string_view scenario, std::string_view name,
                                           std::string_view sender) const {
    return table_.find_sender(path_, scenario, name, sender);
  }
  [[nodiscard]] std::vector<std::string> names(std::string_view scenario) const {
    return table_.names(path_, scenario);
  }
  /// All cells of the path, those that cannot be trusted too.
  [[nodiscard]] std::vector<const CellSummary*> cells() const;
  /// Of other paths too.
  [[nodiscard]] std::span<const CellSummary> all_cells() const noexcept { return table_.cells(); }

  void add(std::string_view scenario, Outcome outcome, std::string sentence);

  [[nodiscard]] std::vector<Finding> take() { return std::move(findings_); }

 private:
  const CellTable& table_;
  std::string path_;
  std::vector<Finding> findings_;
};

/// By theme: whether a relay kept to time; requests and answers; messages one way; what paths with
/// a delay or a rate add; what another rate and another congestion control change.
void find_lateness(PathFindings& path);
void find_exchanges(PathFindings& path);
void find_streams(PathFindings& path);
void find_links(PathFindings& path);
void find_rates(PathFindings& path);
void find_controls(PathFindings& path);

}  // namespace weir::tools::bench
