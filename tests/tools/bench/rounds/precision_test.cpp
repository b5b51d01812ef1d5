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

CaseResult measured(std::vector<SuiteComparison> comparisons, unsigned rounds = 12) {
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
           Vector{{1.00, 0.985, 1.015, 12}, true},
           Vector{{1.00, 0.98, 1.015, 12}, true},
           Vector{{1.00, 0.97, 1.03, 12}, false},
           Vector{{0.98, 0.95, 1.01, 12}, false},  // near the target, on either side
           Vector{{1.02, 0.99, 1.05, 12}, false},
           Vector{{0.50, 0.40, 0.60, 12}, true},  // wide, but far from it
           Vector{{0.50, 0.30, 0.90, 12}, false},
           Vector{{2.00, 1.70, 2.40, 12}, true},
       }) {
    EXPECT_EQ(is_precise(measured({compared(v.ratio, 1.0)}), 0.02), v.is_precise)
        << v.ratio.estimate << " [" << v.ratio.low << ", " << v.ratio.high << "]";
  }
}

TEST(Precision, AllRatiosWithATargetMustHaveIt) {
  const load::PairedRatio narrow{1.00, 0.99, 1.01, 12};
  const load::PairedRatio wide{1.00, 0.90, 1.10, 12};

  EXPECT_TRUE(is_precise(measured({compared(narrow, 1.0), compared(wide, std::nullopt)}), 0.02));
  EXPECT_FALSE(is_precise(measured({compared(narrow, 1.0), compared(wide, 1.0)}), 0.02));
}

TEST(Precision, OfACaseWithoutTargetsIsThatOfItsFirstMetric) {
  const load::PairedRatio narrow{1.00, 0.99, 1.01, 12};
  const load::PairedRatio wide{1.00, 0.90, 1.10, 12};
  const SuiteComparison cpu = compared(narrow, std::nullopt);
  const SuiteComparison rate = compared(wide, std::nullopt, SuiteMetric::rate);

  EXPECT_TRUE(is_precise(measured({cpu, rate}), 0.02));
  EXPECT_FALSE(is_precise(measured({compared(wide, std::nullopt), rate}), 0.02));
}

TEST(Precision, IsNotThereAfterFewRoundsNorWithoutVerdictNorOfNothing) {
  const SuiteComparison narrow = compared({1.00, 0.99, 1.01, 11}, 1.0);
  SuiteComparison unstable = narrow;
  unstable.verdict = load::ComparisonVerdict::unstable;

  EXPECT_FALSE(is_precise(measured({narrow}, precise_rounds_min - 1), 0.02));
  EXPECT_TRUE(is_precise(measured({narrow}, precise_rounds_min), 0.02));
  EXPECT_FALSE(is_precise(measured({unstable}), 0.02));
  EXPECT_FALSE(is_precise(measured({}), 0.02));
}

}  // namespace
}  // namespace weir::tools::bench
