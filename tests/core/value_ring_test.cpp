#include "weir/core/value_ring.h"

#include <deque>
#include <memory>
#include <random>
#include <utility>

#include <gtest/gtest.h>

#include "tests/support/life_count.h"
#include "tests/support/seed.h"

namespace weir::detail {
namespace {

TEST(ValueRing, BehavesAsADequeDoes) {
  const test::Seed seed;
  SCOPED_TRACE(seed.text());
  std::mt19937_64 random(seed.value());
  for (const std::size_t capacity : {1U, 2U, 3U, 8U}) {
    SCOPED_TRACE(capacity);
    ValueRing<std::unique_ptr<int>> ring(capacity);
    std::deque<int> model;

    for (int step = 0; step < 1000; ++step) {
      if (random() % 2 == 0 && !ring.full()) {
        ring.push_back(std::make_unique<int>(step));
        model.push_back(step);
      } else if (!ring.empty()) {
        ASSERT_EQ(*ring.pop_front(), model.front());
        model.pop_front();
      }
      ASSERT_EQ(ring.size(), model.size());
      ASSERT_EQ(ring.full(), model.size() == capacity);
      ASSERT_EQ(ring.empty(), model.empty());
    }
  }
}

TEST(ValueRing, DestroysWhatIsLeftInIt) {
  test::LifeCounts counts;

  {
    ValueRing<test::Counted> ring(3);
    for (int number = 0; number < 3; ++number) ring.push_back(test::Counted(counts, number));
    static_cast<void>(ring.pop_front());
    ring.push_back(test::Counted(counts, 3));
    EXPECT_EQ(counts.alive(), 3);
  }

  EXPECT_EQ(counts.alive(), 0);
}

TEST(ValueRingDeathTest, HasACapacityAndKeepsToIt) {
  EXPECT_DEATH(const ValueRing<int> none(0), "capacity");
  ValueRing<int> ring(1);
  EXPECT_DEATH(static_cast<void>(ring.pop_front()), "empty");
  ring.push_back(1);
  EXPECT_DEATH(ring.push_back(2), "full");
}

}  // namespace
}  // namespace weir::detail
