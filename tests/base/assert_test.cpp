#include "weir/base/assert.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(Assert, EvaluatesTheConditionOnce) {
  int evaluations = 0;

  WEIR_ASSERT(++evaluations == 1);

  EXPECT_EQ(evaluations, 1);
}

TEST(Assert, TakesConditionsWithCommasAndExplicitBools) {
  struct Explicit {
    int first, second;
    explicit operator bool() const { return first == second; }
  };

  WEIR_ASSERT(Explicit{1, 1});
}

constexpr int halve(int even) {
  WEIR_ASSERT(even % 2 == 0);
  return even / 2;
}
static_assert(halve(4) == 2, "an assert may stand in a constant expression");

TEST(AssertDeathTest, SaysWhatFailedAndWhere) {
  const int refs = 0;

  EXPECT_DEATH(WEIR_ASSERT(refs > 0),
               "weir: assertion failed: refs > 0 at assert_test\\.cpp:[0-9]+ \\(TestBody\\)");
}

TEST(AssertDeathTest, UnreachablePlacesAbort) {
  EXPECT_DEATH(WEIR_UNREACHABLE(), "weir: assertion failed: unreachable at assert_test");
}

TEST(AssertDeathTest, FatalPrintsItsMessage) {
  EXPECT_DEATH(detail::fatal("%d slabs are out", 3), "weir: fatal: 3 slabs are out");
}

TEST(AssertSlow, IsNotEvaluatedInReleaseBuilds) {
  [[maybe_unused]] bool is_evaluated = false;

  WEIR_ASSERT_SLOW(is_evaluated = true);

#ifdef WEIR_SLOW_ASSERTS
  EXPECT_TRUE(is_evaluated);
#else
  EXPECT_FALSE(is_evaluated);
#endif
}

}  // namespace
}  // namespace weir
