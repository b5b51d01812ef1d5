#include "tools/weir/load/engine/send_schedule.h"

#include <vector>

#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

using namespace std::chrono_literals;

TEST(SendSchedule, SpacesDatagramsEvenlyWithoutDrift) {
  const SendSchedule schedule({.begin = 5s, .duration = 24h, .rate = 3});

  EXPECT_EQ(schedule.time_of(0), 5s);
  EXPECT_EQ(schedule.time_of(1), 5s + 333'333'333ns);
  EXPECT_EQ(schedule.time_of(3), 6s);
  EXPECT_EQ(schedule.time_of(std::uint64_t{3} * 86'400), 5s + 24h);
  EXPECT_EQ(schedule.count(), 3U * 86'400U);
}

TEST(SendSchedule, CountsWhatIsDue) {
  const SendSchedule schedule({.begin = 1s, .duration = 1s, .rate = 1000});

  EXPECT_EQ(schedule.due_by(999ms), 0U);
  EXPECT_EQ(schedule.due_by(1s), 1U);
  EXPECT_EQ(schedule.due_by(1s + 1ms - 1ns), 1U);
  EXPECT_EQ(schedule.due_by(1s + 1ms), 2U);
  EXPECT_EQ(schedule.due_by(5s), 1000U);
  EXPECT_EQ(schedule.count(), 1000U);
}

TEST(SendSchedule, WhatIsDueAgreesWithTheTimesAtAnyRate) {
  for (const std::uint64_t rate : {1UL, 7UL, 999UL, 333'333UL, 99'999'999UL}) {
    for (const std::uint32_t socket : {0U, 2U}) {
      const SendSchedule schedule(
          {.begin = 2s, .duration = 10s, .rate = rate, .socket = socket, .sockets = 3});
      for (const std::uint64_t number :
           {std::uint64_t{0}, std::uint64_t{1}, schedule.count() / 2}) {
        if (number >= schedule.count()) continue;
        SCOPED_TRACE(rate);

        const auto time = schedule.time_of(number);

        EXPECT_EQ(schedule.due_by(time), number + 1);
        EXPECT_LE(schedule.due_by(time - 1ns), number);
      }
      EXPECT_LT(schedule.time_of(schedule.count() - 1), 12s);
      EXPECT_GE(schedule.time_of(schedule.count()), 12s);
    }
  }
}

TEST(SendSchedule, SocketsTakeTurns) {
  std::uint64_t sum = 0;
  for (std::uint32_t socket = 0; socket < 3; ++socket) {
    const SendSchedule schedule(
        {.begin = 0s, .duration = 1s, .rate = 1000, .socket = socket, .sockets = 3});
    EXPECT_EQ(schedule.time_of(0), socket * 1ms);
    EXPECT_EQ(schedule.time_of(1), (socket + 3) * 1ms);
    sum += schedule.count();
  }
  EXPECT_EQ(sum, 1000U);
}

}  // namespace
}  // namespace weir::tools::load
