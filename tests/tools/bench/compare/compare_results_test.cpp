#include "tools/weir/bench/compare/compare_results.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/tools/support/example_suite.h"
#include "tools/weir/bench/report/suite_json.h"

namespace weir::tools::bench {
namespace {

using load::ComparisonVerdict;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

StoredResult stored(double weir_factor) {
  return *result_of(suite_json(example_suite(weir_factor), "weir bench echo"), "example");
}

TEST(CompareResults, KeepsTheRatiosToTheRawLoopsOnly) {
  const StoredResult result = stored(1.0);

  // The one on io_uring over the better loop, that of its own; the other over both. In two metrics.
  ASSERT_EQ(result.ratios.size(), 6U);
  for (const StoredRatio& ratio : result.ratios) {
    EXPECT_THAT(ratio.denominator, HasSubstr("raw_"));
    EXPECT_EQ(ratio.case_name, "echo/64B-c64-d1");
  }
}

TEST(CompareResults, ASlowerBuildIsSlowerWhateverTheMachineDid) {
  const std::vector<ResultChange> changes = compare_results(stored(1.0), stored(1.2));

  ASSERT_EQ(changes.size(), 6U);
  EXPECT_NEAR(changes[0].change.estimate, 1.2, 0.01);
  for (const ResultChange& one : changes) EXPECT_EQ(one.verdict, ComparisonVerdict::slower);
  EXPECT_TRUE(is_slower(changes));
  EXPECT_THAT(changes_text(changes), AllOf(HasSubstr("echo/64B-c64-d1"), HasSubstr("slower")));
}

TEST(CompareResults, AFasterOneIsFasterAndNoFailure) {
  const std::vector<ResultChange> changes = compare_results(stored(1.2), stored(1.0));

  for (const ResultChange& one : changes) EXPECT_EQ(one.verdict, ComparisonVerdict::faster);
  EXPECT_FALSE(is_slower(changes));
}

TEST(CompareResults, WhatNoiseExplainsIsNoDifference) {
  StoredResult before = stored(1.0);
  StoredResult after = stored(1.2);
  for (StoredRatio& ratio : before.ratios) ratio.noise = 0.3;

  for (const ResultChange& one : compare_results(before, after)) {
    EXPECT_EQ(one.verdict, ComparisonVerdict::no_difference_shown);
  }
  EXPECT_FALSE(is_slower(compare_results(stored(1.0), stored(1.01))));
}

TEST(CompareResults, ATwinThatDiffersInEachRoundIsNoise) {
  Json json = suite_json(example_suite(1.2), "weir bench echo");
  for (Json& twice : json["weir"]["cases"][0]["no_change"]) {
    twice["ratio"] = 1.3;
    twice["low"] = 1.29;
    twice["high"] = 1.31;
  }

  EXPECT_FALSE(is_slower(compare_results(stored(1.0), *result_of(json, "example"))));
}

TEST(CompareResults, FewRoundsGiveNoVerdict) {
  const StoredResult before = stored(1.0);
  StoredResult after = stored(1.5);
  for (StoredRatio& ratio : after.ratios) ratio.ratio.pairs = 5;

  const std::vector<ResultChange> changes = compare_results(before, after);

  EXPECT_FALSE(is_slower(changes));
  EXPECT_THAT(changes_text(changes), HasSubstr("too few rounds"));
}

TEST(CompareResults, AnUnstableRunIsToldAndNotSlower) {
  Json json = suite_json(example_suite(1.5), "weir bench echo");
  for (Json& comparison : json["weir"]["cases"][0]["comparisons"]) {
    comparison["verdict"] = "unstable";
  }

  const auto changes = compare_results(stored(1.0), *result_of(json, "example"));

  ASSERT_EQ(changes.size(), 6U);
  EXPECT_FALSE(is_slower(changes));
  EXPECT_THAT(changes_text(changes), HasSubstr("unstable"));
}

TEST(CompareResults, ACaseThatIsGoneIsMissing) {
  StoredResult after = stored(1.0);
  after.cases.clear();
  after.ratios.clear();

  EXPECT_TRUE(compare_results(stored(1.0), after).empty());
  EXPECT_THAT(missing_results(stored(1.0), after),
              ElementsAre("echo/64B-c64-d1: not measured now"));
  EXPECT_THAT(missing_results(after, stored(1.0)), IsEmpty());
}

TEST(CompareResults, ACaseThatFailsNowIsMissing) {
  SuiteResult failed = example_suite(1.0);
  failed.cases[0].failure = "weir_epoll: the load failed";
  const StoredResult after = *result_of(suite_json(failed, "weir bench echo"), "example");

  EXPECT_THAT(missing_results(stored(1.0), after),
              ElementsAre("echo/64B-c64-d1: failed now: weir_epoll: the load failed"));
  EXPECT_THAT(missing_results(after, stored(1.0)), IsEmpty());  // there was nothing to lose
}

TEST(CompareResults, AWeirThatTookNoPartIsMissing) {
  StoredResult after = stored(1.0);
  std::erase_if(after.ratios, [](const StoredRatio& it) { return it.numerator == "weir_epoll"; });

  EXPECT_THAT(
      missing_results(stored(1.0), after),
      ElementsAre("echo/64B-c64-d1: CPU of weir_epoll is not compared with a raw loop now",
                  "echo/64B-c64-d1: rate of weir_epoll is not compared with a raw loop now"));
}

TEST(CompareResults, AnotherBetterRawLoopIsNothingMissing) {
  StoredResult after = stored(1.0);
  std::erase_if(after.ratios, [](const StoredRatio& it) {
    return it.numerator == "weir_epoll" && it.denominator == "raw_uring";
  });

  EXPECT_THAT(missing_results(stored(1.0), after), IsEmpty());
}

TEST(CompareResults, AnotherMachineAndAnotherWayToMeasureAreTold) {
  Json json = suite_json(example_suite(), "weir bench echo");
  EXPECT_THAT(different_settings(stored(1.0).settings, settings_in(json)), IsEmpty());
  json["context"]["machine"]["cpu_model"] = "Another";
  json["context"]["machine"]["build"] = "debugged";
  json["context"]["machine"]["compiler_flags"] = "-O7";
  json["context"]["machine"]["libraries"]["liburing"] = "0.1";
  json["context"]["realtime"] = true;
  json["context"]["cell_ms"] = 500;

  const auto told = different_settings(stored(1.0).settings, settings_in(json));

  EXPECT_THAT(told, AllOf(SizeIs(6), Contains(HasSubstr("processor: ")),
                          Contains("real-time priority: false then, true now"),
                          Contains("cell of ms: 150 then, 500 now")));
}

TEST(CompareResults, AnotherEffortIsTold) {
  SuiteResult longer = example_suite();
  longer.effort = Effort::full;
  longer.rounds = 24;
  longer.cell = std::chrono::milliseconds(500);

  const auto told = different_settings(stored(1.0).settings, settings_in(suite_json(longer, "")));

  EXPECT_THAT(told, ElementsAre("cell of ms: 150 then, 500 now", "effort: quick then, full now",
                                "rounds: 8 then, 24 now"));
}

TEST(CompareResults, RefusesWhatIsNoResult) {
  EXPECT_THAT(result_of(Json::array(), "x.json").error(), HasSubstr("x.json: that is no result"));
  Json cut = suite_json(example_suite(), "weir bench echo");
  cut["weir"]["cases"][0].erase("comparisons");

  EXPECT_THAT(result_of(cut, "x.json").error(), HasSubstr("incomplete"));
}

}  // namespace
}  // namespace weir::tools::bench
