#include "tools/weir/bench/rounds/precision.h"

#include <gtest/gtest.h>

namespace weir::tools::bench {
namespace {

SuiteComparison compared(const load::PairedRatio& ratio, std::optional<double> target,
                         SuiteMetric metric = SuiteMetric::cpu) {
  return {.numerator = "weir",
          .denominator = "raw",
          .metric = metric,
          .ratio = ratio,
          .target = target};
}

CaseResult measured(std::vector<SuiteComparison> comparisons, unsigned rounds = 24) {
  CaseResult result;
  result.spec.compared = {{.metric = SuiteMetric::cpu}, {.metric = SuiteMetric::rate}};
  result.rounds = rounds;
  result.comparisons = std::move(comparisons);
  return result;
}

TEST(Precision, IsHalfOfTheIntervalOrHalfTheWayToTheTarget) {
  struct Vector {
    load::PairedRatio ratio;
    bool is_precise;  // with 2 %, beside a target of 1
  };
  for (const Vector& v : {
           Vector{{1.00, 0.985, 1.015, 24}, true},
           Vector{{1.00, 0.98, 1.015, 24}, true},
           Vector{{1.00, 0.97, 1.03, 24}, false},
           Vector{{0.98, 0.95, 1.01, 24}, false},  // near the target, on either side
           Vector{{1.02, 0.99, 1.05, 24}, false},
           Vector{{0.50, 0.40, 0.60, 24}, true},  // wide, but far from it
           Vector{{0.50, 0.30, 0.90, 24}, false},
           Vector{{2.00, 1.70, 2.40, 24}, true},
       }) {
    EXPECT_EQ(is_precise(measured({compared(v.ratio, 1.0)}), 0.02), v.is_precise)
        << v.ratio.estimate << " [" << v.ratio.low << ", " << v.ratio.high << "]";
  }
}

TEST(Precision, AllRatiosWithATargetMustHaveIt) {
  const load::PairedRatio narrow{1.00, 0.99, 1.01, 24};
  const load::PairedRatio wide{1.00, 0.90, 1.10, 24};

  EXPECT_TRUE(is_precise(measured({compared(narrow, 1.0), compared(wide, std::nullopt)}), 0.02));
  EXPECT_FALSE(is_precise(measured({compared(narrow, 1.0), compared(wide, 1.0)}), 0.02));
}

TEST(Precision, IsNotThereWithinTheNoiseOfAa) {
  SuiteComparison noisy = compared({0.98, 0.97, 0.99, 24}, 1.0);
  EXPECT_TRUE(is_precise(measured({noisy}), 0.02));

  noisy.noise = 0.045;

  EXPECT_FALSE(is_precise(measured({noisy}), 0.02));
  noisy.ratio = {0.80, 0.79, 0.81, 24};
  EXPECT_TRUE(is_precise(measured({noisy}), 0.02));
}

TEST(Precision, OfACaseWithoutTargetsIsThatOfItsFirstMetric) {
  const load::PairedRatio narrow{1.00, 0.99, 1.01, 24};
  const load::PairedRatio wide{1.00, 0.90, 1.10, 24};
  const SuiteComparison cpu = compared(narrow, std::nullopt);
  const SuiteComparison rate = compared(wide, std::nullopt, SuiteMetric::rate);

  EXPECT_TRUE(is_precise(measured({cpu, rate}), 0.02));
  EXPECT_FALSE(is_precise(measured({compared(wide, std::nullopt), rate}), 0.02));
}

TEST(Precision, IsNotThereAfterFewRoundsNorWithoutVerdictNorOfNothing) {
  const SuiteComparison narrow = compared({1.00, 0.99, 1.01, 23}, 1.0);
  SuiteComparison unstable = narrow;
  unstable.verdict = load::ComparisonVerdict::unstable;

  EXPECT_FALSE(is_precise(measured({narrow}, precise_rounds_min - 1), 0.02));
  EXPECT_TRUE(is_precise(measured({narrow}, precise_rounds_min), 0.02));
  EXPECT_FALSE(is_precise(measured({unstable}), 0.02));
  EXPECT_FALSE(is_precise(measured({}), 0.02));
  // Nothing of the first metric, which is what would be asked.
  const SuiteComparison rate = compared({1.00, 0.99, 1.01, 24}, std::nullopt, SuiteMetric::rate);
  EXPECT_FALSE(is_precise(measured({rate}), 0.02));
}

}  // namespace
}  // namespace weir::tools::bench
