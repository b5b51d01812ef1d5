// Cells with made-up numbers, for the tests of what is said about cells.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/weir/bench/nagle/cell_metrics.h"
#include "tools/weir/bench/nagle/findings.h"
#include "tools/weir/bench/nagle/study.h"

namespace weir::tools::bench::test {

using Values = std::vector<std::pair<Metric, double>>;

inline constexpr PathTraits thin_path{
    .kind = PathKind::thin, .mtu = 1500, .bits_per_s = 10'000'000};
inline constexpr PathTraits far_path{
    .kind = PathKind::far, .mtu = 1500, .rtt = std::chrono::milliseconds(10)};

/// One cell. \param rounds  what is not named is 0
inline CellSummary cell(CellSpec spec, const std::vector<Values>& rounds,
                        const PathTraits& traits = {}, const char* path = "loopback") {
  CellSummary summary{.path = path,
                      .question = {},
                      .spec = std::move(spec),
                      .rounds = {},
                      .failure = {},
                      .traits = traits};
  for (const Values& values : rounds) {
    CellMetrics metrics{};
    for (const auto& [metric, value] : values) metrics[std::to_underlying(metric)] = value;
    summary.rounds.push_back(metrics);
  }
  return summary;
}

/// A study of them.
inline StudyResult study(std::vector<CellSummary> cells) {
  StudyResult result;
  result.cells = std::move(cells);
  result.rounds = 1;
  result.congestion_control = "cubic";
  return result;
}

/// The findings of a scenario, in one text.
inline std::string sentences(const std::vector<Finding>& findings, std::string_view scenario) {
  std::string text;
  for (const Finding& finding : findings) {
    if (finding.scenario == scenario) text += finding.sentence + "\n";
  }
  return text;
}

/// Whether all findings of a scenario, of which there is one at least, are what theory expects.
inline bool are_expected(const std::vector<Finding>& findings, std::string_view scenario) {
  bool is_any = false;
  for (const Finding& finding : findings) {
    if (finding.scenario != scenario) continue;
    if (!finding.is_expected) return false;
    is_any = true;
  }
  return is_any;
}

}  // namespace weir::tools::bench::test
