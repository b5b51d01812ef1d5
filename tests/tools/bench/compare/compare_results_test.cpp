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
using ::testing::HasSubstr;

StoredResult stored(double weir_factor) {
  return *result_of(suite_json(example_suite(weir_factor), "weir bench echo"), "example");
}

TEST(CompareResults, KeepsTheRatiosToTheRawLoopsOnly) {
  const StoredResult result = stored(1.0);

  // The one on io_uring over the better loop, that of its own; the other over both. In two metrics.
  ASSERT_EQ(result.size(), 6U);
  for (const StoredRatio& ratio : result) {
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
  for (StoredRatio& ratio : before) ratio.noise = 0.3;

  for (const ResultChange& one : compare_results(before, after)) {
    EXPECT_EQ(one.verdict, ComparisonVerdict::no_difference_shown);
  }
  EXPECT_FALSE(is_slower(compare_results(stored(1.0), stored(1.01))));
}

TEST(CompareResults, RatiosOfOneResultOnlyAreLeftOut) {
  StoredResult after = stored(1.0);
  for (StoredRatio& ratio : after) ratio.case_name = "echo/another";

  EXPECT_TRUE(compare_results(stored(1.0), after).empty());
}

TEST(CompareResults, RefusesWhatIsNoResult) {
  EXPECT_THAT(read_result("/no/such/file").error(), HasSubstr("no result of weir bench"));
  EXPECT_THAT(result_of(Json::array(), "x.json").error(), HasSubstr("x.json: that is no result"));
  Json cut = suite_json(example_suite(), "weir bench echo");
  cut["weir"]["cases"][0].erase("comparisons");

  EXPECT_THAT(result_of(cut, "x.json").error(), HasSubstr("incomplete"));
}

}  // namespace
}  // namespace weir::tools::bench
