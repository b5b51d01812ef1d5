#include "tools/weir/load/plan/rate_shape_text.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

TEST(RateShapeText, ReadsSteps) {
  const auto shape = parse_rate_steps("1k,0,20k@10s");

  ASSERT_TRUE(shape) << shape.error().message;
  EXPECT_EQ(shape->duration(), 30s);
  EXPECT_EQ(shape->rate_max(), 20'000);
  EXPECT_DOUBLE_EQ(shape->rate_at(9s), 1000);
  EXPECT_EQ(shape->rate_at(10s), 0);
  EXPECT_DOUBLE_EQ(shape->rate_at(20s), 20'000);
  EXPECT_DOUBLE_EQ(shape->requests(), 210'000);
}

TEST(RateShapeText, RefusesWrongSteps) {
  struct Vector {
    const char *text, *reason;
  };
  for (const auto& v :
       {Vector{"1k,2k", "does not say how long a step is; write rates and a duration"},
        Vector{"", "does not say how long"}, Vector{"1k@10", "\"10\" has no unit; write 10s"},
        Vector{"1k@0s", "longer than 0"}, Vector{"@10s", "\"\" is not a rate"},
        Vector{"1k,,2k@10s", "\"\" is not a rate"}, Vector{"1k,@10s", "\"\" is not a rate"},
        Vector{"1k,2x@10s", "unknown unit \"x\""}, Vector{"0,0@1s", "all rates are 0"},
        Vector{"1,2@8760h", "last longer than a year"}}) {
    const auto shape = parse_rate_steps(v.text);

    ASSERT_FALSE(shape) << v.text;
    EXPECT_THAT(shape.error().message, HasSubstr(v.reason)) << v.text;
  }
}

TEST(RateShapeText, ReadsPoints) {
  const auto shape = parse_rate_points(
      "# a day in short\n"
      "0, 1k\r\n"
      "\n"
      "60s,20k   # rush hour\n"
      "60s,5k\n"
      "2m,0",
      "day.csv");

  ASSERT_TRUE(shape) << shape.error().message;
  EXPECT_EQ(shape->duration(), 2min);
  EXPECT_EQ(shape->rate_max(), 20'000);
  EXPECT_DOUBLE_EQ(shape->rate_at(30s), 10'500);
  EXPECT_DOUBLE_EQ(shape->rate_at(60s), 5000);
  EXPECT_DOUBLE_EQ(shape->requests(), 60 * 10'500 + 60 * 2500);
}

TEST(RateShapeText, NamesTheLineThatIsWrong) {
  struct Vector {
    const char *text, *error;
  };
  for (const auto& v : {
           Vector{"", "f: a shape needs two points"},
           Vector{"# nothing\n\n", "f: a shape needs two points"},
           Vector{"0s,1k\n", "f: a shape needs two points"},
           Vector{"0s,1k\n0s,2k\n", "f: a shape needs two points"},
           Vector{"0s,0\n1s,0\n", "f: all rates are 0"},
           Vector{"1s,1k\n2s,1k\n", "f:1: the first point must be at 0s"},
           Vector{"#\n0s,1k\n\n5s,1k\n4s,2k\n", "f:5: 4.0 s comes before the point above it"},
           Vector{"0s,1k\n60,2k\n", "f:2: \"60\" has no unit; write 60s"},
           Vector{"0s,1k\n60s\n", "f:2: \"60s\" is not a point; write a time and a rate"},
           Vector{"0s,1k\n60s,\n", "f:2: \"\" is not a rate"},
           Vector{"0s,1k\n60s,2k,3k\n", "f:2: \"2k,3k\" has an unknown unit"},
           Vector{"0s;1k\n", "f:1: \"0s;1k\" is not a point"},
           Vector{"0s,1k\n9000h,1k\n", "f:2: \"9000h\" is longer than a year"},
       }) {
    SCOPED_TRACE(v.text);

    const auto shape = parse_rate_points(v.text, "f");

    ASSERT_FALSE(shape);
    EXPECT_THAT(shape.error().message, HasSubstr(v.error));
  }
}

TEST(RateShapeText, BoundsWhatItReads) {
  std::string many;
  for (std::size_t i = 0; i <= rate_points_max; ++i) many += "0,1\n";

  EXPECT_THAT(parse_rate_points(many, "f").error().message,
              HasSubstr("f:100001: more than 100000 points"));
}

TEST(RateShapeText, SaysWhichFileItCannotRead) {
  EXPECT_THAT(load_rate_shape("/nonexistent/day.csv").error().message,
              HasSubstr("cannot read /nonexistent/day.csv: No such file or directory"));
  EXPECT_THAT(load_rate_shape("/").error().message, HasSubstr("cannot read /: Is a directory"));
  EXPECT_THAT(load_rate_shape("/dev/zero").error().message, HasSubstr("larger than 8 MiB"));
  EXPECT_THAT(load_rate_shape("/dev/null").error().message, HasSubstr("needs two points"));
}

}  // namespace
}  // namespace weir::tools::load
