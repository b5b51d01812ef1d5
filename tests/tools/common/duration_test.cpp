#include "tools/weir/common/duration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools {
namespace {

using std::chrono::nanoseconds;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

TEST(Duration, ReadsANumberAndAUnit) {
  struct Vector {
    const char* text;
    nanoseconds duration;
  };
  for (const auto& v :
       {Vector{"0s", 0ns}, Vector{"1ns", 1ns}, Vector{"250us", 250us}, Vector{"250µs", 250us},
        Vector{"500ms", 500ms}, Vector{"10s", 10s}, Vector{"1.5s", 1500ms}, Vector{"0.1ms", 100us},
        Vector{"2m", 2min}, Vector{"1h", 1h}, Vector{"8760h", 8760h}, Vector{"0.3ns", 0ns}}) {
    const auto duration = parse_duration(v.text);

    ASSERT_TRUE(duration) << v.text << ": " << duration.error().message;
    EXPECT_EQ(*duration, v.duration) << v.text;
  }
}

TEST(Duration, RefusesABareNumberWithTheFix) {
  const auto duration = parse_duration("10");

  ASSERT_FALSE(duration);
  EXPECT_EQ(duration.error().message,
            "\"10\" has no unit; write 10s, or another of ns, us, ms, m, h");
}

TEST(Duration, RefusesWhatIsNotADuration) {
  struct Vector {
    const char *text, *reason;
  };
  for (const auto& v :
       {Vector{"", "is not a duration"}, Vector{"s", "is not a duration"},
        Vector{"-1s", "is not a duration"}, Vector{"+1s", "is not a duration"},
        Vector{" 1s", "is not a duration"}, Vector{".5s", "is not a duration"},
        Vector{"1.s", "is not a duration"}, Vector{"1.2.3s", "is not a duration"},
        Vector{"inf", "is not a duration"}, Vector{"nan", "is not a duration"},
        Vector{"1 s", "unknown unit \" s\""}, Vector{"10sec", "unknown unit \"sec\""},
        Vector{"1e3s", "unknown unit \"e3s\""}, Vector{"1S", "unknown unit \"S\""},
        Vector{"1d", "use ns, us, ms, s, m or h"}, Vector{"9000h", "longer than a year"},
        Vector{"99999999999999999999999999h", "longer than a year"}}) {
    const auto duration = parse_duration(v.text);

    ASSERT_FALSE(duration) << v.text;
    EXPECT_THAT(duration.error().message, HasSubstr(v.reason)) << v.text;
  }
}

TEST(Duration, PrintsTwoOrThreeDigitsAndAUnit) {
  struct Vector {
    nanoseconds duration;
    const char* text;
  };
  for (const auto& v :
       {Vector{0ns, "0 ns"}, Vector{999ns, "999 ns"}, Vector{1000ns, "1.0 us"},
        Vector{1049ns, "1.0 us"}, Vector{9949ns, "9.9 us"}, Vector{9951ns, "10 us"},
        Vector{61'499ns, "61 us"}, Vector{999'499ns, "999 us"}, Vector{999'500ns, "1.0 ms"},
        Vector{2'600us, "2.6 ms"}, Vector{99'999us, "100 ms"}, Vector{999'600us, "1.0 s"},
        Vector{12s, "12 s"}, Vector{3600s, "3600 s"}}) {
    EXPECT_EQ(format_duration(v.duration, {}), v.text);
  }
  EXPECT_EQ(format_duration(61us, {.utf8 = true}), "61 µs");
}

TEST(Duration, PrintsSecondsOfARun) {
  EXPECT_EQ(format_seconds(500ms), "0.50 s");
  EXPECT_EQ(format_seconds(9'996ms), "10.0 s");
  EXPECT_EQ(format_seconds(10s), "10.0 s");
  EXPECT_EQ(format_seconds(99'960ms), "100 s");
  EXPECT_EQ(format_seconds(1h), "3600 s");
}

TEST(TimeLimit, IsNeitherNothingNorForEver) {
  EXPECT_EQ(parse_time_limit("1ms"), std::chrono::milliseconds(1));
  EXPECT_EQ(parse_time_limit("24h"), std::chrono::hours(24));
  for (const char* text : {"0s", "999us", "25h", "1"}) EXPECT_FALSE(parse_time_limit(text)) << text;
}

}  // namespace
}  // namespace weir::tools
