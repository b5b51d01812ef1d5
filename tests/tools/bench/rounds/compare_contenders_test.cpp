#include "tools/weir/bench/rounds/compare_contenders.h"

#include <algorithm>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/support/example_suite.h"

namespace weir::tools::bench {
namespace {

using load::ComparisonVerdict;

const SuiteComparison* find(const CaseResult& result, const std::string& numerator,
                            const std::string& denominator, SuiteMetric metric) {
  const auto found = std::ranges::find_if(result.comparisons, [&](const SuiteComparison& it) {
    return it.numerator == numerator && it.denominator == denominator && it.metric == metric;
  });
  return found == result.comparisons.end() ? nullptr : &*found;
}

TEST(CompareContenders, TheDefaultIsHeldAgainstTheBetterRawLoop) {
  const CaseResult result = example_case(1.2);

  const auto* const better = find(result, "weir_uring", "raw_uring", SuiteMetric::cpu);
  ASSERT_NE(better, nullptr);
  EXPECT_TRUE(better->is_better_raw);
  EXPECT_EQ(better->target, 1.03);
  EXPECT_NEAR(better->ratio.estimate, 1.2, 0.02);
  EXPECT_EQ(better->verdict, ComparisonVerdict::slower);
}

TEST(CompareContenders, ARatioThatCannotBeHadMarksNoOtherAsBetter) {
  CaseResult result = example_case(1.0);
  for (ContenderResult& contender : result.contenders) {
    if (contender.spec.role == Role::weir) contender.samples = {};
  }

  compare_contenders(result);

  for (const SuiteComparison& it : result.comparisons) EXPECT_FALSE(it.is_better_raw);
  EXPECT_EQ(find(result, "weir_uring", "raw_uring", SuiteMetric::cpu), nullptr);
}

TEST(CompareContenders, ComparesAnewWhatItIsGivenAgain) {
  CaseResult result = example_case(1.0);
  const std::size_t comparisons = result.comparisons.size();

  compare_contenders(result);

  EXPECT_EQ(result.comparisons.size(), comparisons);
}

TEST(CompareContenders, EachBackendIsHeldAgainstTheRawLoopOfItsOwn) {
  const CaseResult result = example_case(1.0);

  const auto* const own = find(result, "weir_epoll", "raw_epoll", SuiteMetric::cpu);
  ASSERT_NE(own, nullptr);
  EXPECT_EQ(own->target, 1.05);
  EXPECT_FALSE(own->is_better_raw);
  EXPECT_NEAR(own->ratio.estimate, 1.02 / 1.1, 0.02);
  // The other raw loop is the better one, and no target of this backend.
  const auto* const better = find(result, "weir_epoll", "raw_uring", SuiteMetric::cpu);
  ASSERT_NE(better, nullptr);
  EXPECT_EQ(better->target, std::nullopt);
}

TEST(CompareContenders, ARateIsBetterHigh) {
  const CaseResult result = example_case(0.5);

  EXPECT_EQ(find(result, "weir_uring", "uv", SuiteMetric::rate)->verdict,
            ComparisonVerdict::faster);
  EXPECT_EQ(find(result, "weir_uring", "uv", SuiteMetric::cpu)->verdict, ComparisonVerdict::faster);
  EXPECT_NEAR(find(result, "weir_uring", "uv", SuiteMetric::rate)->ratio.estimate, 3, 0.1);
}

TEST(CompareContenders, TheSameProgramTwiceShowsNoDifference) {
  const CaseResult result = example_case(1.0);

  ASSERT_EQ(result.no_change.size(), 2U);
  EXPECT_NEAR(result.no_change[0].ratio.estimate, 1, 0.02);
}

TEST(CompareContenders, EachComparisonKnowsTheNoiseOfItsRounds) {
  CaseResult result = example_case(1.0);
  result.comparisons.clear();
  result.no_change.clear();
  spread_again(result, 0.02);

  compare_contenders(result);

  const SuiteComparison& first = result.comparisons.front();
  EXPECT_GT(first.noise, 0.005);
  EXPECT_NEAR(first.noise, result.no_change[0].ratio.noise(), 0.002);
}

TEST(CompareContenders, ATwinThatIsSlowerInEachRoundIsNoise) {
  CaseResult result = example_case(1.0);
  result.comparisons.clear();
  result.no_change.clear();
  for (ContenderResult& contender : result.contenders) {
    if (contender.spec.role != Role::again) continue;
    Samples slower;
    for (const double value : contender.samples.of(SuiteMetric::cpu)) {
      slower.add(SuiteMetric::cpu, value * 1.04);
    }
    contender.samples = slower;
  }

  compare_contenders(result);

  EXPECT_LT(result.no_change[0].ratio.half_width(), 0.02);
  EXPECT_NEAR(result.comparisons.front().noise, 0.04, 0.02);
}

TEST(CompareContenders, WithoutATwinOrARawLoopWhatIsThereIsCompared) {
  CaseResult result = example_case(1.0);
  result.comparisons.clear();
  result.no_change.clear();
  std::erase_if(result.contenders, [](const ContenderResult& it) {
    return it.spec.role == Role::again || it.spec.role == Role::raw;
  });

  compare_contenders(result);

  EXPECT_NE(find(result, "weir_uring", "uv", SuiteMetric::cpu), nullptr);
  EXPECT_EQ(result.no_change.size(), 0U);
}

TEST(Samples, TheMedianIsInTheMiddle) {
  Samples samples;
  EXPECT_EQ(samples.median(SuiteMetric::cpu), 0);
  for (const double value : {9.0, 1.0, 5.0}) samples.add(SuiteMetric::cpu, value);
  EXPECT_EQ(samples.median(SuiteMetric::cpu), 5);

  samples.add(SuiteMetric::cpu, 6.0);

  EXPECT_EQ(samples.median(SuiteMetric::cpu), 5.5);
}

}  // namespace
}  // namespace weir::tools::bench
