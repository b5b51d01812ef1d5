#include "tools/weir/load/screen/recent_seconds.h"

#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

using namespace std::chrono_literals;

constexpr TextStyle utf8 = {.utf8 = true};

TEST(RecentSeconds, NothingYetIsNothing) {
  const RecentSeconds recent;

  EXPECT_EQ(recent.rate_bars(40, utf8), "");
  EXPECT_EQ(recent.p99_bars(40, utf8), "");
}

TEST(RecentSeconds, RatesStandOnZero) {
  RecentSeconds recent;
  for (const double rate : {0.0, 500.0, 1000.0}) recent.add(rate, 1ms);

  EXPECT_EQ(recent.rate_bars(40, utf8), "▁▅█");
  EXPECT_EQ(recent.rate_bars(40, {}), "158");
}

TEST(RecentSeconds, EachStepOfALatencyIsTwiceAsMuch) {
  RecentSeconds recent;
  for (const auto p99 : {100us, 120us, 200us, 400us, 1000000us}) recent.add(1, p99);

  EXPECT_EQ(recent.p99_bars(40, utf8), "▁▁▂▃█");
}

TEST(RecentSeconds, ASecondWithoutAnswersIsAGap) {
  RecentSeconds recent;
  for (const auto p99 : {100us, 0us, 100us}) recent.add(1, p99);

  EXPECT_EQ(recent.p99_bars(40, utf8), "▁ ▁");
}

TEST(RecentSeconds, TheOldestMakesRoom) {
  RecentSeconds recent;
  recent.add(1000, 100ms);
  for (std::size_t i = 0; i < RecentSeconds::seconds_max; ++i) recent.add(1, 1ms);

  EXPECT_EQ(recent.rate_bars(100, {}), std::string(RecentSeconds::seconds_max, '8'));
  EXPECT_EQ(recent.p99_bars(100, {}), std::string(RecentSeconds::seconds_max, '1'));
}

TEST(RecentSeconds, ANarrowWindowShowsTheNewest) {
  RecentSeconds recent;
  for (const double rate : {1000.0, 4.0, 8.0}) recent.add(rate, 1ms);

  EXPECT_EQ(recent.rate_bars(2, {}), "58");
}

}  // namespace
}  // namespace weir::tools::load
