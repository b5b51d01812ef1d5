#include "tools/weir/bench/rounds/target_verdict.h"

#include <gtest/gtest.h>

namespace weir::tools::bench {
namespace {

using load::ComparisonVerdict;
using load::PairedRatio;
using enum TargetVerdict;

SuiteComparison compared(const PairedRatio& ratio, double target, SuiteMetric metric) {
  return {.numerator = "weir",
          .denominator = "raw",
          .metric = metric,
          .ratio = ratio,
          .target = target};
}

TEST(TargetVerdict, TellsWhatIsBeyondDoubt) {
  struct Vector {
    PairedRatio ratio;
    double target;
    SuiteMetric metric;
    TargetVerdict verdict;
  };
  for (const Vector& v : {
           Vector{{1.00, 0.98, 1.02, 8}, 1.05, SuiteMetric::cpu, met},
           Vector{{1.00, 0.98, 1.05, 8}, 1.05, SuiteMetric::cpu, met},
           Vector{{1.00, 0.90, 1.10, 8}, 1.05, SuiteMetric::cpu, met_within_noise},
           Vector{{1.08, 1.00, 1.10, 8}, 1.05, SuiteMetric::cpu, missed_within_noise},
           Vector{{1.20, 1.10, 1.30, 8}, 1.05, SuiteMetric::cpu, missed},
           Vector{{1.00, 0.98, 1.02, 8}, 0.97, SuiteMetric::rate, met},
           Vector{{0.90, 0.80, 0.95, 8}, 0.97, SuiteMetric::rate, missed},
           Vector{{0.99, 0.90, 1.05, 8}, 0.97, SuiteMetric::rate, met_within_noise},
           Vector{{0.95, 0.90, 1.05, 8}, 0.97, SuiteMetric::rate, missed_within_noise},
       }) {
    EXPECT_EQ(judge(compared(v.ratio, v.target, v.metric)), v.verdict)
        << v.ratio.estimate << " for " << v.target;
  }
}

TEST(TargetVerdict, WhatLiesWithinTheNoiseOfAaIsNoPlainVerdict) {
  SuiteComparison narrow = compared({1.03, 1.025, 1.035, 8}, 1.05, SuiteMetric::cpu);
  EXPECT_EQ(judge(narrow), met);

  narrow.noise = 0.03;

  EXPECT_EQ(judge(narrow), met_within_noise);
  narrow.target = 1.01;
  EXPECT_EQ(judge(narrow), missed_within_noise);
  narrow.target = 0.9;
  EXPECT_EQ(judge(narrow), missed);
}

TEST(TargetVerdict, FewRoundsAndAnUnstableMachineGiveNone) {
  SuiteComparison five = compared({1.20, 1.10, 1.30, 5}, 1.05, SuiteMetric::cpu);
  EXPECT_EQ(judge(five), too_few_rounds);

  SuiteComparison unstable = compared({1.20, 1.10, 1.30, 8}, 1.05, SuiteMetric::cpu);
  unstable.verdict = ComparisonVerdict::unstable;

  EXPECT_EQ(judge(unstable), TargetVerdict::unstable);
  unstable.ratio.pairs = 5;
  EXPECT_EQ(judge(unstable), too_few_rounds);
}

}  // namespace
}  // namespace weir::tools::bench
