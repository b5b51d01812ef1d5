#include "tools/weir/common/count.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools {
namespace {

using ::testing::HasSubstr;

TEST(Count, ReadsWholeNumbersWithinTheLimits) {
  constexpr CountLimits limits{.min = 1, .max = 1'000'000};

  EXPECT_EQ(parse_count("1", limits).value(), 1U);
  EXPECT_EQ(parse_count("64", limits).value(), 64U);
  EXPECT_EQ(parse_count("10k", limits).value(), 10'000U);
  EXPECT_EQ(parse_count("0.5k", limits).value(), 500U);
  EXPECT_EQ(parse_count("1M", limits).value(), 1'000'000U);
}

TEST(Count, RefusesEverythingElse) {
  constexpr CountLimits limits{.min = 1, .max = 1'000'000};
  struct Vector {
    const char *text, *reason;
  };
  for (const auto& v :
       {Vector{"", "not a whole number"}, Vector{"many", "not a whole number"},
        Vector{"1.5", "not a whole number"}, Vector{"-1", "not a whole number"},
        Vector{"10K", "not a whole number"}, Vector{"=5", "not a whole number"},
        Vector{"0", "out of range (1 to 1 000 000)"}, Vector{"1.1M", "out of range"},
        Vector{"99999999999999999999999", "not a whole number"}}) {
    const auto count = parse_count(v.text, limits);

    ASSERT_FALSE(count) << v.text;
    EXPECT_THAT(count.error().message, HasSubstr(v.reason)) << v.text;
  }
}

TEST(Count, PrintsGroupsOfThree) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1000), "1 000");
  EXPECT_EQ(format_count(1'200'031), "1 200 031");
  EXPECT_EQ(format_count(UINT64_MAX), "18 446 744 073 709 551 615");
}

}  // namespace
}  // namespace weir::tools
