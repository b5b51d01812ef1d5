#include "tools/weir/bench/rounds/suite_means.h"

#include <cmath>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/support/example_suite.h"
#include "tools/weir/bench/report/suite_text.h"
#include "tools/weir/bench/rounds/target_verdict.h"

namespace weir::tools::bench {
namespace {

TEST(SuiteMeans, AreGeometricAndOverLibrariesOnly) {
  const std::vector<CaseResult> cases = {example_case(0.75), example_case(3.0)};

  const std::vector<SuiteMean> means = means_of(cases);

  // Each weir over the one library, in the one metric with a target, and the floor of both.
  ASSERT_EQ(means.size(), 3U);
  EXPECT_EQ(means[2].comparison.numerator, "weir_uring");
  EXPECT_EQ(means[2].cases, 2U);
  EXPECT_NEAR(means[2].comparison.ratio.estimate, 1.0, 0.02);  // the root of 0.5 times 2
}

TEST(SuiteMeans, HaveAnIntervalOverTheRoundsAndTheNoiseOfAa) {
  std::vector<CaseResult> cases = {example_case(1.0), example_case(1.2)};
  spread_again(cases[0], 0.02);

  const SuiteComparison mean = means_of(cases)[2].comparison;

  EXPECT_EQ(mean.ratio.pairs, 8U);
  EXPECT_LT(mean.ratio.low, mean.ratio.estimate);
  EXPECT_GT(mean.ratio.high, mean.ratio.estimate);
  EXPECT_GT(mean.noise, 0);
  EXPECT_EQ(judge(mean), TargetVerdict::met);
}

TEST(SuiteMeans, HaveThoseOfTheBetterRawLoopBesideThem) {
  std::vector<CaseResult> cases = {example_case(1.0), example_case(2.0)};
  // In the other case the other one is better.
  for (ContenderResult& contender : cases[1].contenders) {
    if (contender.spec.name == "raw_epoll") {
      contender.samples = example_contender("raw_epoll", Role::raw, "epoll", 0.5).samples;
    }
  }
  compare_contenders(cases[1]);

  const SuiteMean floor = means_of(cases)[0];

  EXPECT_EQ(floor.comparison.numerator, "better raw loop");
  EXPECT_EQ(floor.comparison.denominator, "uv");
  EXPECT_EQ(floor.cases, 2U);
  EXPECT_NEAR(floor.comparison.ratio.estimate, std::sqrt(1.0 / 1.5 * 0.5 / 1.5), 0.02);
  EXPECT_FALSE(floor.comparison.target);
}

TEST(SuiteMeans, OfACaseWithoutARawLoopHaveNoFloor) {
  CaseResult one = example_case(1.0);
  std::erase_if(one.contenders,
                [](const ContenderResult& it) { return it.spec.role == Role::raw; });
  compare_contenders(one);

  EXPECT_THAT(means_of(std::vector{one}), testing::SizeIs(2));
}

TEST(SuiteMeans, ATargetInsideTheIntervalIsWithinNoise) {
  // The point estimate is below the target by less than the rounds differ.
  std::vector<CaseResult> cases = {example_case(1.0)};
  const SuiteComparison before = means_of(cases)[2].comparison;
  cases[0].spec.compared[0].targets.mean_over_library =
      (before.ratio.estimate + before.ratio.high) / 2;

  EXPECT_EQ(judge(means_of(cases)[2].comparison), TargetVerdict::met_within_noise);
}

TEST(SuiteMeans, AreOverTheCasesThatDidNotFail) {
  std::vector<CaseResult> cases = {example_case(0.75), example_case(0.75), example_case(3.0)};
  cases[2].failure = "uv: the load failed";

  const std::vector<SuiteMean> means = means_of(cases);

  ASSERT_EQ(means.size(), 3U);
  EXPECT_EQ(means[2].cases, 2U);
  EXPECT_EQ(means[2].failed, 1U);
  EXPECT_EQ(cases_text(means[2]), "2 cases (1 failed), 8 rounds");
  EXPECT_NEAR(means[2].comparison.ratio.estimate, 0.5, 0.02);
}

TEST(SuiteMeans, OfAnUnstableMachineAreUnstable) {
  std::vector<CaseResult> cases = {example_case(1.0)};
  spread_again(cases[0], 0.3);

  EXPECT_EQ(judge(means_of(cases)[2].comparison), TargetVerdict::unstable);
}

TEST(SuiteMeans, CasesOfFewerRoundsShortenTheRest) {
  std::vector<CaseResult> cases = {example_case(1.0), example_case(1.0)};
  for (ContenderResult& contender : cases[1].contenders) {
    Samples few;
    for (std::size_t i = 0; i < 3; ++i) {
      few.add(SuiteMetric::cpu, contender.samples.of(SuiteMetric::cpu)[i]);
    }
    contender.samples = few;
  }

  const SuiteComparison mean = means_of(cases)[2].comparison;

  EXPECT_EQ(mean.ratio.pairs, 3U);
  EXPECT_EQ(judge(mean), TargetVerdict::too_few_rounds);
}

}  // namespace
}  // namespace weir::tools::bench
