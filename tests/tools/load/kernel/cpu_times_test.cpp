#include "tools/weir/load/kernel/cpu_times.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

using std::chrono::microseconds;
using ::testing::Optional;

TEST(CpuTimes, AddsTheFirstLineAndLeavesGuestsOut) {
  EXPECT_THAT(parse_cpu_times("cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 9 9 9 9 9 9 9 9 9 9\n"),
              Optional(CpuTimes{.total = 36, .steal = 8}));
}

TEST(CpuTimes, WhatIsNoSuchLineIsNone) {
  for (const char* text : {"", "\n", "cpu", "cpu0 1 2 3 4 5 6 7 8", "cpu  1 2 3 4 5 6 7",
                           "cpu  1 2 3 4 5 6 7 -8", "cpu  1 2 x 4 5 6 7 8", "intr 1 2 3 4 5 6 7 8",
                           "cpu  18446744073709551615 1 3 4 5 6 7 8"}) {
    EXPECT_EQ(parse_cpu_times(text), std::nullopt) << text;
  }
}

TEST(CpuTimes, StealIsAShareOfWhatPassed) {
  EXPECT_DOUBLE_EQ(steal_share({.total = 1000, .steal = 10}, {.total = 1200, .steal = 16}), 0.03);
  EXPECT_EQ(steal_share({.total = 1000, .steal = 10}, {.total = 1000, .steal = 10}), 0);
  EXPECT_EQ(steal_share({.total = 1000, .steal = 10}, {.total = 900, .steal = 9}), 0);
}

TEST(CpuPressure, IsTheTotalOfTheFirstLine) {
  EXPECT_THAT(parse_pressure("some avg10=0.12 avg60=0.40 avg300=0.10 total=9346994620\n"
                             "full avg10=0.00 avg60=0.00 avg300=0.00 total=7\n"),
              Optional(microseconds(9'346'994'620)));
}

TEST(CpuPressure, WhatIsNoSuchLineIsNone) {
  for (const char* text : {"", "some", "some avg10=0.12", "some total=", "some total=-1",
                           "some total=18446744073709551615", "full total=5"}) {
    EXPECT_EQ(parse_pressure(text), std::nullopt) << text;
  }
}

TEST(ProcessTicks, AreUserAndSystemTimeWhateverTheName) {
  for (const char* name : {"echo", "a b", "x) S 1 (y", ")", "(("}) {
    const std::string text = std::string("812 (") + name +
                             ") S 1 812 812 0 -1 4194560 100 0 0 0 40 2 0 0 20 0 1 0 99 0\n";
    EXPECT_THAT(parse_process_ticks(text), Optional(42U)) << name;
  }
}

TEST(ProcessTicks, OfAnotherTextAreNone) {
  for (const char* text : {"", "812", "812 (echo)", "812 (echo) S 1 2 3 4 5 6 7 8 9 10 11",
                           "812 (echo) S 1 2 3 4 5 6 7 8 9 10 11 x"}) {
    EXPECT_EQ(parse_process_ticks(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace weir::tools::load
