#include "tools/weir/bench/nagle/operational_state.h"

#include <cerrno>

#include <gtest/gtest.h>

namespace weir::tools::bench {
namespace {

TEST(WaitUntilOperational, SaysThatThereIsNoSuchDevice) {
  const auto waited = wait_until_operational("none0");

  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().why.value(), ENODEV);
  EXPECT_EQ(waited.error().what, "cannot read the state of none0");
}

}  // namespace
}  // namespace weir::tools::bench
