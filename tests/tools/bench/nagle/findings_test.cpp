// The sentences follow the numbers, also where those contradict the textbook.
#include "tools/weir/bench/nagle/findings.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/bench/nagle/made_up_cells.h"
#include "tools/weir/bench/nagle/path_findings.h"

namespace weir::tools::bench {
namespace {

using test::Values;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

CellSummary cell(const char* scenario, const char* name, WriteMode mode,
                 const std::vector<Values>& rounds) {
  return test::cell({.scenario = scenario, .name = name, .mode = mode, .parts = {}}, rounds);
}

CellSummary exchange(WriteMode mode, double p50_us, double stalls) {
  return cell("N1", "4 + 60 B", mode, {{{Metric::p50_us, p50_us}, {Metric::stalls, stalls}}});
}

CellSummary flood(WriteMode mode, std::vector<double> rates) {
  std::vector<Values> rounds;
  for (const double rate : rates) {
    rounds.push_back({{Metric::messages_per_s, rate}, {Metric::bytes_per_segment, 64}});
  }
  return cell("N5", "16 B", mode, rounds);
}

TEST(Findings, TheStallIsExplainedWhereItIsThere) {
  const std::vector<CellSummary> cells = {exchange(WriteMode::nagle, 44'000, 1),
                                          exchange(WriteMode::nodelay, 30, 0)};

  const std::vector<Finding> findings = findings_of(cells);

  ASSERT_FALSE(findings.empty());
  EXPECT_EQ(findings[0].outcome, Outcome::expected);
  EXPECT_THAT(findings[0].sentence,
              AllOf(HasSubstr("44.0 ms with Nagle's algorithm, 30 us with TCP_NODELAY"),
                    HasSubstr("delayed acknowledgement")));
  EXPECT_EQ(self_check(cells), std::nullopt);
}

TEST(Findings, AMissingStallIsSaidAndFailsTheSelfCheck) {
  const std::vector<CellSummary> cells = {exchange(WriteMode::nagle, 31, 0),
                                          exchange(WriteMode::nodelay, 30, 0)};

  const std::vector<Finding> findings = findings_of(cells);

  EXPECT_EQ(findings[0].outcome, Outcome::opposite);
  EXPECT_THAT(findings[0].sentence, HasSubstr("did not stall"));
  EXPECT_THAT(self_check(cells).value_or(""), HasSubstr("must wait for a delayed acknowledgement"));
}

TEST(Findings, AHostThatStallsWithoutNagleFailsTheSelfCheck) {
  const std::vector<CellSummary> cells = {exchange(WriteMode::nagle, 44'000, 1),
                                          exchange(WriteMode::nodelay, 30, 0.4)};

  EXPECT_THAT(self_check(cells).value_or(""), HasSubstr("too busy"));
}

TEST(Findings, ARatioIsGivenOnlyWhereTheRoundsDoNotOverlap) {
  const std::vector<CellSummary> apart = {flood(WriteMode::nagle, {500, 520, 540}),
                                          flood(WriteMode::nodelay, {200, 210, 220})};
  const std::vector<CellSummary> overlapping = {flood(WriteMode::nagle, {210, 520, 540}),
                                                flood(WriteMode::nodelay, {200, 210, 220})};

  EXPECT_THAT(findings_of(apart)[0].sentence,
              HasSubstr("2.5 times as many messages a second with"));
  EXPECT_THAT(findings_of(overlapping)[0].sentence, HasSubstr("no difference"));
}

TEST(Findings, AreInTheOrderOfTheirScenarios) {
  const std::vector<CellSummary> cells = {cell("N14", "4 + 60 B", WriteMode::nagle, {{}}),
                                          cell("N14", "4 + 60 B, then FIN", WriteMode::nagle, {{}}),
                                          flood(WriteMode::nagle, {1}),
                                          flood(WriteMode::nodelay, {1}),
                                          exchange(WriteMode::nagle, 44'000, 1),
                                          exchange(WriteMode::nodelay, 30, 0)};

  std::vector<std::string> scenarios;
  for (const Finding& finding : findings_of(cells)) scenarios.push_back(finding.scenario);

  EXPECT_THAT(scenarios, ElementsAre("N1", "N1", "N5", "N9", "N9", "N14"));
}

TEST(Compare, TellsApartWhatDiffersWhatDoesNotAndWhatIsOpen) {
  constexpr auto expected = Outcome::expected;
  constexpr auto not_shown = Outcome::not_shown;
  constexpr auto opposite = Outcome::opposite;
  struct Pair {
    const char* name;
    std::vector<double> mine, theirs;
    Outcome as_more, as_less, as_equal;
  };
  const std::vector<Pair> pairs = {
      {"more", {20, 21}, {10, 11}, expected, opposite, opposite},
      {"less", {10, 11}, {20, 21}, opposite, expected, opposite},
      {"equal", {10, 11}, {11, 12}, not_shown, not_shown, expected},
      {"overlapping, and apart", {10, 30, 31}, {9, 10, 12}, not_shown, not_shown, not_shown},
      {"some of nothing", {1, 2}, {0, 0}, expected, opposite, opposite},
      {"nothing of some", {0, 0}, {1, 2}, opposite, expected, opposite},
      {"nothing of nothing", {0}, {0}, not_shown, not_shown, expected}};
  for (const Pair& v : pairs) {
    SCOPED_TRACE(v.name);

    const Comparison found = compare(flood(WriteMode::nagle, v.mine),
                                     flood(WriteMode::nodelay, v.theirs), Metric::messages_per_s);

    EXPECT_EQ(expect_more(found), v.as_more);
    EXPECT_EQ(expect_less(found), v.as_less);
    EXPECT_EQ(expect_equal(found), v.as_equal);
  }
}

TEST(Findings, WhatWasNotMeasuredIsNotMentioned) {
  EXPECT_TRUE(findings_of({}).empty());
  EXPECT_TRUE(findings_of(std::vector{exchange(WriteMode::nagle, 44'000, 1)}).empty());
}

TEST(CellSummary, TheMedianIsOfTheRounds) {
  const CellSummary even = flood(WriteMode::nagle, {4, 1, 3, 2});

  EXPECT_EQ(even.spread(Metric::messages_per_s).median, 2.5);
  EXPECT_EQ(even.spread(Metric::messages_per_s).low, 1);
  EXPECT_EQ(even.spread(Metric::messages_per_s).high, 4);
  EXPECT_EQ(flood(WriteMode::nagle, {3, 1, 2}).median(Metric::messages_per_s), 2);
  EXPECT_EQ(flood(WriteMode::nagle, {}).median(Metric::messages_per_s), 0);
}

}  // namespace
}  // namespace weir::tools::bench
