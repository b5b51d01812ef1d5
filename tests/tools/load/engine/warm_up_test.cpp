#include "tools/weir/load/engine/warm_up.h"

#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

using namespace std::chrono_literals;

TEST(WarmUp, EndsWhenThreeWindowsAgree) {
  WarmUp warm_up;

  EXPECT_FALSE(warm_up.add_window(500, 90'000));
  EXPECT_FALSE(warm_up.add_window(1'000, 60'000));
  EXPECT_FALSE(warm_up.add_window(1'010, 59'000));
  EXPECT_TRUE(warm_up.add_window(1'020, 60'500));
}

TEST(WarmUp, RateAndLatencyBothHaveToAgree) {
  WarmUp warm_up;

  EXPECT_FALSE(warm_up.add_window(1'000, 60'000));
  EXPECT_FALSE(warm_up.add_window(1'000, 60'000));
  EXPECT_FALSE(warm_up.add_window(1'000, 66'000));
  EXPECT_FALSE(warm_up.add_window(1'100, 66'000));
}

TEST(WarmUp, StandingStillIsNotSteady) {
  WarmUp warm_up;

  EXPECT_FALSE(warm_up.add_window(0, 0));
  EXPECT_FALSE(warm_up.add_window(0, 0));
  EXPECT_FALSE(warm_up.add_window(0, 0));
}

TEST(WarmUp, EndsSomeTimeAnyway) {
  WarmUp warm_up;

  for (std::size_t window = 1; window < WarmUp::windows_max; ++window) {
    EXPECT_FALSE(warm_up.add_window(1'000 * window, 60'000)) << window;
  }
  EXPECT_TRUE(warm_up.add_window(1, 1));
}

TEST(WarmUp, WindowsFollowTheLengthOfTheRun) {
  EXPECT_EQ(WarmUp::window_for(100ms), 50ms);
  EXPECT_EQ(WarmUp::window_for(10s), 500ms);
  EXPECT_EQ(WarmUp::window_for(1h), 1s);
}

}  // namespace
}  // namespace weir::tools::load
