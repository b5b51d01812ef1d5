// Cells with made-up numbers, for the tests of what is said about cells.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/weir/bench/nagle/cell_metrics.h"
#include "tools/weir/bench/nagle/findings.h"
#include "tools/weir/bench/nagle/study.h"

namespace weir::tools::bench::test {

using Values = std::vector<std::pair<Metric, double>>;

/// Loopback with its segments.
inline constexpr PathTraits ethernet{.mtu = 1500};
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

/// The worst outcome of a scenario's findings; `nullopt` if there is none.
inline std::optional<Outcome> outcome(const std::vector<Finding>& findings,
                                      std::string_view scenario) {
  std::optional<Outcome> worst;
  for (const Finding& finding : findings) {
    if (finding.scenario == scenario) {
      worst = std::max(worst.value_or(finding.outcome), finding.outcome);
    }
  }
  return worst;
}

/// Whether all findings of a scenario, of which there is one at least, are what theory expects.
inline bool are_expected(const std::vector<Finding>& findings, std::string_view scenario) {
  return outcome(findings, scenario) == Outcome::expected;
}

/// Cells with these numbers in a scenario, and what has to be said of them.
struct Case {
  const char* name;
  std::vector<CellSummary> cells;
  Outcome outcome;
  const char* words;                        ///< that are there
  const char* not_words = "no such words";  ///< and that are not
};

inline void expect_sentences(std::string_view scenario, const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);

    const std::vector<Finding> findings = findings_of(one.cells);

    EXPECT_EQ(outcome(findings, scenario), one.outcome);
    EXPECT_THAT(sentences(findings, scenario), ::testing::HasSubstr(one.words));
    EXPECT_THAT(sentences(findings, scenario), ::testing::Not(::testing::HasSubstr(one.not_words)));
  }
}

/// One metric in each round.
inline std::vector<Values> rounds_of(Metric metric, const std::vector<double>& values) {
  std::vector<Values> rounds;
  for (const double value : values) rounds.push_back({{metric, value}});
  return rounds;
}

}  // namespace weir::tools::bench::test
