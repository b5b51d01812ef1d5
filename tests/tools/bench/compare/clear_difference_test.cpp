#include "tools/weir/bench/compare/clear_difference.h"

#include <gtest/gtest.h>

namespace weir::tools::bench {
namespace {

using load::BetterWhen;
using load::ComparisonVerdict;

TEST(ClearDifference, IsAGapWiderThanEitherRunAndALeastRatioOfMedians) {
  struct Pair {
    const char* name;
    Spread before;
    Spread after;
    ComparisonVerdict verdict;
  };
  for (const Pair& one :
       {Pair{"slower", {30, 29, 31}, {40, 39, 41}, ComparisonVerdict::slower},
        Pair{"faster", {40, 39, 41}, {30, 29, 31}, ComparisonVerdict::faster},
        Pair{"a gap as wide as the runs",
             {30, 29, 31},
             {34, 33, 35},
             ComparisonVerdict::no_difference_shown},
        Pair{"they overlap", {30, 29, 60}, {50, 49, 51}, ComparisonVerdict::no_difference_shown},
        Pair{"medians too close",
             {30, 30, 30},
             {32.9, 32.9, 32.9},
             ComparisonVerdict::no_difference_shown},
        Pair{"the same", {30, 30, 30}, {30, 30, 30}, ComparisonVerdict::no_difference_shown},
        Pair{"nothing", {}, {}, ComparisonVerdict::no_difference_shown}}) {
    SCOPED_TRACE(one.name);

    EXPECT_EQ(clear_difference(one.before, one.after, {.median_ratio_min = 1.1}), one.verdict);
  }
}

TEST(ClearDifference, MoreIsFasterWhereHigherIsBetter) {
  const DifferenceRule rule{.better = BetterWhen::higher, .median_ratio_min = 1.1};

  EXPECT_EQ(clear_difference({30, 29, 31}, {40, 39, 41}, rule), ComparisonVerdict::faster);
  EXPECT_EQ(clear_difference({40, 39, 41}, {30, 29, 31}, rule), ComparisonVerdict::slower);
}

}  // namespace
}  // namespace weir::tools::bench
