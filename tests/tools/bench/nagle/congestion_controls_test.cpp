// Which congestion controls are varied, and what is said of those that cannot be had.
#include "tools/weir/bench/nagle/congestion_controls.h"

#include <cerrno>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::bench {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(CongestionControls, AreThoseThatTheHostLetsUsUse) {
  std::vector<std::string> left_out;

  const auto all =
      usable_congestion_controls([](std::string_view) { return Result<void>(); }, left_out);

  EXPECT_THAT(all, ElementsAre("cubic", "reno", "bbr"));
  EXPECT_THAT(left_out, IsEmpty());
}

TEST(CongestionControls, WhatTheHostLacksIsLeftOutByName) {
  std::vector<std::string> left_out;

  const auto some = usable_congestion_controls(
      [](std::string_view name) -> Result<void> {
        if (name == "cubic") return fail_errno(EPERM);
        if (name == "bbr") return fail_errno(ENOENT);
        return {};
      },
      left_out);

  EXPECT_THAT(some, ElementsAre("reno"));
  EXPECT_THAT(left_out, ElementsAre(AllOf(HasSubstr("control cubic: not allowed"),
                                          HasSubstr("run this as root")),
                                    HasSubstr("control bbr: this kernel does not have it")));
}

TEST(CongestionControls, RenoIsOnEveryHost) {
  std::vector<std::string> left_out;

  EXPECT_THAT(usable_congestion_controls(probe_congestion_control, left_out), Contains("reno"));
  EXPECT_FALSE(probe_congestion_control("no such one"));
}

}  // namespace
}  // namespace weir::tools::bench
