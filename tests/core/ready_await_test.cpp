// A loop of ready awaits uses the stack of one, in every build: GCC promises no tail call at -O0 or
// under a sanitizer, so resuming by symmetric transfer alone would end in an overflow here
// (docs/design/0002-task-resumption.md).
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include <gtest/gtest.h>

#include "tests/support/backend_test.h"
#include "tests/support/hand_driven.h"
#include "weir/core/scope.h"
#include "weir/core/sleep.h"
#include "weir/core/task.h"

namespace weir {
namespace {

using test::HandDriven;

/// How far apart the stack addresses seen are.
class StackRange {
 public:
  void note(const void* address) noexcept {
    const auto value = reinterpret_cast<std::uintptr_t>(address);
    lowest_ = std::min(lowest_, value);
    highest_ = std::max(highest_, value);
  }
  [[nodiscard]] std::size_t bytes() const noexcept { return highest_ - lowest_; }

 private:
  std::uintptr_t lowest_ = std::numeric_limits<std::uintptr_t>::max();
  std::uintptr_t highest_ = 0;
};

Task<std::uint64_t> ready(StackRange* stack, std::uint64_t value) {
  stack->note(__builtin_frame_address(0));
  co_return value;
}

Task<std::uint64_t> ready_three_deep(StackRange* stack, std::uint64_t value, int depth) {
  if (depth == 1) co_return co_await ready(stack, value);
  co_return co_await ready_three_deep(stack, value, depth - 1);
}

Task<std::uint64_t> sum_of_ready(StackRange* stack, std::uint64_t count) {
  std::uint64_t sum = 0;
  for (std::uint64_t index = 0; index < count; ++index) sum += co_await ready(stack, index);
  co_return sum;
}

constexpr std::uint64_t ten_million = 10'000'000;

TEST(ReadyAwait, TenMillionUseTheStackOfOne) {
  StackRange stack;

  HandDriven driven(sum_of_ready(&stack, ten_million));

  EXPECT_EQ(driven.take(), ten_million * (ten_million - 1) / 2);
  EXPECT_EQ(stack.bytes(), 0U);
}

TEST(ReadyAwait, NestedOnesUseTheStackOfOneNest) {
  StackRange stack;

  HandDriven driven([](StackRange* range) -> Task<std::uint64_t> {
    std::uint64_t sum = 0;
    for (std::uint64_t index = 0; index < ten_million / 10; ++index) {
      sum += co_await ready_three_deep(range, 1, 3);
    }
    co_return sum;
  }(&stack));

  EXPECT_EQ(driven.take(), ten_million / 10);
  EXPECT_EQ(stack.bytes(), 0U);
}

class ReadyAwaitTest : public test::BackendTest {};
WEIR_ON_EACH_BACKEND(ReadyAwaitTest);

Task<void> suspended(StackRange* stack) {
  stack->note(__builtin_frame_address(0));
  co_await yield();
  stack->note(__builtin_frame_address(0));
}

// A suspended task resumes its awaiter from its own end, which GCC nests without optimisation: two
// levels, not one more a round.
TEST_P(ReadyAwaitTest, SuspendedOnesDoNotNestInOneAnother) {
  StackRange stack;

  const auto ended = run([&]() -> Task<void> {
    for (int round = 0; round < 200'000; ++round) co_await suspended(&stack);
  });

  EXPECT_TRUE(ended);
  EXPECT_LT(stack.bytes(), 4096U);
}

TEST_P(ReadyAwaitTest, ReadyAndSuspendedOnesMayAlternate) {
  StackRange stack;

  const auto total = run([&]() -> Task<std::uint64_t> {
    std::uint64_t sum = 0;
    for (int round = 0; round < 100'000; ++round) {
      sum += co_await ready(&stack, 1);
      if (round % 3 == 0) co_await suspended(&stack);
      const Result<void> slept = co_await sleep_for(Duration::zero());
      if (!slept) break;
    }
    co_return sum;
  });

  EXPECT_EQ(*total, 100'000U);
  EXPECT_LT(stack.bytes(), 4096U);
}

}  // namespace
}  // namespace weir
