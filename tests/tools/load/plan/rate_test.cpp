#include "tools/weir/load/plan/rate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

using ::testing::HasSubstr;

TEST(Rate, ReadsRequestsASecond) {
  struct Vector {
    const char* text;
    double rate;
  };
  for (const auto& v :
       {Vector{"20k", 20'000}, Vector{"1M/s", 1e6}, Vector{"300/m", 5}, Vector{"0.5/s", 0.5},
        Vector{"1", 1}, Vector{"2.5k", 2500}, Vector{"36/h", 0.01}, Vector{"6k/m", 100},
        Vector{"1000M", 1e9}, Vector{"0.1/s", 0.1}, Vector{"0.001/h", 0.001 / 3600}}) {
    const auto rate = parse_rate(v.text);

    ASSERT_TRUE(rate) << v.text << ": " << rate.error().message;
    EXPECT_DOUBLE_EQ(*rate, v.rate) << v.text;
  }
}

TEST(Rate, RefusesTheRestAndSaysWhatToWrite) {
  struct Vector {
    const char *text, *reason;
  };
  for (const auto& v :
       {Vector{"", "is not a rate; write requests a second, such as 500, 20k or 1M, or 300/m"},
        Vector{"fast", "is not a rate"}, Vector{"-5", "is not a rate"},
        Vector{"1e3", "unknown unit \"e3\"; use k or M for thousands and millions"},
        Vector{"10K", "unknown unit \"K\""}, Vector{"10k/ms", "unknown unit \"k/ms\""},
        Vector{"10/", "unknown unit \"/\""}, Vector{"10 k", "unknown unit"},
        Vector{"10k/s/s", "unknown unit"}, Vector{"10/k", "unknown unit"},
        Vector{"0", "sends nothing; write a rate above 0"}, Vector{"0k/m", "sends nothing"},
        Vector{"1001M", "more than 1000M a second"}, Vector{"0.0009/h", "less than 0.001/h"}}) {
    const auto rate = parse_rate(v.text);

    ASSERT_FALSE(rate) << v.text;
    EXPECT_THAT(rate.error().message, HasSubstr(v.reason)) << v.text;
  }
}

TEST(Rate, MayBeZeroWhereLoadMayPause) {
  EXPECT_EQ(parse_rate_or_pause("0").value(), 0);
  EXPECT_EQ(parse_rate_or_pause("0/m").value(), 0);
  EXPECT_EQ(parse_rate_or_pause("5").value(), 5);
  EXPECT_FALSE(parse_rate_or_pause("none"));
}

TEST(Rate, ReadsRamps) {
  EXPECT_EQ(parse_rate_range("20k").value(), (RateRange{20'000, 20'000}));
  EXPECT_EQ(parse_rate_range("1k..20k").value(), (RateRange{1000, 20'000}));
  EXPECT_EQ(parse_rate_range("0..300/m").value(), (RateRange{0, 5}));
  EXPECT_EQ(parse_rate_range("1.5k..0").value(), (RateRange{1500, 0}));
}

TEST(Rate, RefusesHalfARamp) {
  struct Vector {
    const char *text, *reason;
  };
  for (const auto& v :
       {Vector{"1k..", "\"\" is not a rate"}, Vector{"..1k", "\"\" is not a rate"},
        Vector{"1k...2k", "\".2k\" is not a rate"}, Vector{"1k..2k..3k", "a ramp is two rates"},
        Vector{"0..0", "sends nothing; one end must be above 0"}, Vector{"0", "sends nothing"},
        Vector{"1k-2k", "unknown unit \"k-2k\""}}) {
    const auto range = parse_rate_range(v.text);

    ASSERT_FALSE(range) << v.text;
    EXPECT_THAT(range.error().message, HasSubstr(v.reason)) << v.text;
  }
}

}  // namespace
}  // namespace weir::tools::load
