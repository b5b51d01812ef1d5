#include "tools/weir/bench/rounds/suite_means.h"

#include <vector>

#include <gtest/gtest.h>

#include "tests/tools/support/example_suite.h"
#include "tools/weir/bench/report/suite_text.h"
#include "tools/weir/bench/rounds/target_verdict.h"

namespace weir::tools::bench {
namespace {

TEST(SuiteMeans, AreGeometricAndOverLibrariesOnly) {
  const std::vector<CaseResult> cases = {example_case(0.75), example_case(3.0)};

  const std::vector<SuiteMean> means = means_of(cases);

  ASSERT_EQ(means.size(), 2U);  // each weir over the one library, in the one metric with a target
  EXPECT_EQ(means[1].comparison.numerator, "weir_uring");
  EXPECT_EQ(means[1].cases, 2U);
  EXPECT_NEAR(means[1].comparison.ratio.estimate, 1.0, 0.02);  // the root of 0.5 times 2
}

TEST(SuiteMeans, HaveAnIntervalOverTheRoundsAndTheNoiseOfAa) {
  std::vector<CaseResult> cases = {example_case(1.0), example_case(1.2)};
  spread_again(cases[0], 0.02);

  const SuiteComparison mean = means_of(cases)[1].comparison;

  EXPECT_EQ(mean.ratio.pairs, 8U);
  EXPECT_LT(mean.ratio.low, mean.ratio.estimate);
  EXPECT_GT(mean.ratio.high, mean.ratio.estimate);
  EXPECT_GT(mean.noise, 0);
  EXPECT_EQ(judge(mean), TargetVerdict::met);
}

TEST(SuiteMeans, ATargetInsideTheIntervalIsWithinNoise) {
  // The point estimate is below the target by less than the rounds differ.
  std::vector<CaseResult> cases = {example_case(1.0)};
  const SuiteComparison before = means_of(cases)[1].comparison;
  cases[0].spec.compared[0].targets.mean_over_library =
      (before.ratio.estimate + before.ratio.high) / 2;

  EXPECT_EQ(judge(means_of(cases)[1].comparison), TargetVerdict::met_within_noise);
}

TEST(SuiteMeans, AreOverTheCasesThatDidNotFail) {
  std::vector<CaseResult> cases = {example_case(0.75), example_case(0.75), example_case(3.0)};
  cases[2].failure = "uv: the load failed";

  const std::vector<SuiteMean> means = means_of(cases);

  ASSERT_EQ(means.size(), 2U);
  EXPECT_EQ(means[1].cases, 2U);
  EXPECT_EQ(means[1].failed, 1U);
  EXPECT_EQ(cases_text(means[1]), "2 cases (1 failed)");
  EXPECT_NEAR(means[1].comparison.ratio.estimate, 0.5, 0.02);
}

TEST(SuiteMeans, OfAnUnstableMachineAreUnstable) {
  std::vector<CaseResult> cases = {example_case(1.0)};
  spread_again(cases[0], 0.3);

  EXPECT_EQ(judge(means_of(cases)[1].comparison), TargetVerdict::unstable);
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

  const SuiteComparison mean = means_of(cases)[1].comparison;

  EXPECT_EQ(mean.ratio.pairs, 3U);
  EXPECT_EQ(judge(mean), TargetVerdict::too_few_rounds);
}

}  // namespace
}  // namespace weir::tools::bench
