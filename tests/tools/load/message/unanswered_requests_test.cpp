#include "tools/weir/load/message/unanswered_requests.h"

#include <cstdint>

#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

TEST(UnansweredRequests, LeaveInTheOrderInWhichTheyCame) {
  UnansweredRequests requests;
  std::uint64_t pushed = 0;
  std::uint64_t popped = 0;

  // Grows and wraps around at each fill level.
  for (std::uint64_t round = 0; round < 50; ++round) {
    for (std::uint64_t i = 0; i < round; ++i) requests.push({.number = pushed++});
    for (std::uint64_t i = 0; i < round - round / 3; ++i) {
      ASSERT_EQ(requests.front().number, popped++);
      requests.pop();
    }
    ASSERT_EQ(requests.size(), pushed - popped);
  }
}

TEST(UnansweredRequests, AreForgottenAtOnce) {
  UnansweredRequests requests;
  for (std::uint64_t i = 0; i < 5; ++i) requests.push({.number = i});

  requests.clear();
  requests.push({.number = 9});

  EXPECT_EQ(requests.size(), 1U);
  EXPECT_EQ(requests.front().number, 9U);
}

}  // namespace
}  // namespace weir::tools::load
