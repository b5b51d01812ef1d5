#include "weir/core/timer_queue.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr TimePoint at(std::int64_t nanoseconds) { return TimePoint(Duration(nanoseconds)); }

/// Writes down that it was due; told so, arms itself again.
class TestTimer final : public Timer {
 public:
  TestTimer(int number, std::vector<int>& log) : number_(number), log_(log) {}

  TimerQueue* queue = nullptr;  ///< to arm itself in again, at the same time
  TestTimer* victim = nullptr;  ///< to cancel when due

 private:
  void on_due() noexcept override {
    EXPECT_FALSE(armed());
    log_.push_back(number_);
    if (victim != nullptr) {
      queue->cancel(*victim);
    } else if (queue != nullptr) {
      queue->arm(*this, at(0));
    }
  }

  const int number_;
  std::vector<int>& log_;
};

TEST(TimerQueue, RunsWhatIsDueEarliestFirst) {
  std::vector<int> log;
  TimerQueue queue;
  std::deque<TestTimer> timers;
  for (const int number : {5, 3, 9, 1, 7}) {
    queue.arm(timers.emplace_back(number, log), at(number));
  }
  EXPECT_EQ(queue.next_deadline(), at(1));

  EXPECT_EQ(queue.run_due(at(0), 100), 0U);
  EXPECT_EQ(queue.run_due(at(7), 100), 4U);

  EXPECT_THAT(log, ElementsAre(1, 3, 5, 7));
  EXPECT_EQ(queue.next_deadline(), at(9));
  EXPECT_EQ(queue.run_due(at(9), 100), 1U);
  EXPECT_EQ(queue.next_deadline(), TimePoint::max());
}

TEST(TimerQueue, RunsNoMoreThanItMay) {
  std::vector<int> log;
  TimerQueue queue;
  std::deque<TestTimer> timers;
  for (int number = 0; number < 10; ++number) {
    queue.arm(timers.emplace_back(number, log), at(number));
  }

  EXPECT_EQ(queue.run_due(at(100), 4), 4U);
  EXPECT_THAT(log, ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(queue.next_deadline(), at(4));

  EXPECT_EQ(queue.run_due(at(100), 100), 6U);
  EXPECT_EQ(queue.size(), 0U);
}

TEST(TimerQueue, BoundsATimerThatArmsItselfAsDueAgain) {
  std::vector<int> log;
  TimerQueue queue;
  TestTimer timer(1, log);
  timer.queue = &queue;
  queue.arm(timer, at(0));

  EXPECT_EQ(queue.run_due(at(1), 3), 3U);

  EXPECT_THAT(log, ElementsAre(1, 1, 1));
  EXPECT_TRUE(timer.armed());
  queue.cancel(timer);
}

TEST(TimerQueue, LetsADueTimerCancelAnother) {
  std::vector<int> log;
  TimerQueue queue;
  TestTimer first(1, log);
  TestTimer second(2, log);
  first.queue = &queue;
  first.victim = &second;
  queue.arm(first, at(1));
  queue.arm(second, at(2));

  queue.run_due(at(5), 100);

  EXPECT_THAT(log, ElementsAre(1));
  EXPECT_FALSE(second.armed());
}

TEST(TimerQueue, MovesAnArmedTimerBothWays) {
  std::vector<int> log;
  TimerQueue queue;
  std::deque<TestTimer> timers;
  for (int number = 0; number < 100; ++number) {
    queue.arm(timers.emplace_back(number, log), at(1000 + number));
  }

  queue.arm(timers[50], at(1));
  queue.arm(timers[0], at(5000));
  queue.check_invariants();

  EXPECT_EQ(queue.size(), 100U);
  EXPECT_EQ(queue.next_deadline(), at(1));
  queue.run_due(at(6000), 1000);
  EXPECT_EQ(log.front(), 50);
  EXPECT_EQ(log.back(), 0);
}

TEST(TimerQueue, ArmedForNeverIsNotArmed) {
  std::vector<int> log;
  TimerQueue queue;
  TestTimer timer(1, log);

  queue.arm(timer, TimePoint::max());
  EXPECT_FALSE(timer.armed());
  queue.arm(timer, at(1));
  queue.arm(timer, TimePoint::max());

  EXPECT_FALSE(timer.armed());
  EXPECT_EQ(queue.next_deadline(), TimePoint::max());
  queue.cancel(timer);
  EXPECT_THAT(log, IsEmpty());
}

TEST(TimerQueue, AddsTimeoutsWithoutOverflow) {
  EXPECT_EQ(deadline_after(at(5), Duration(7)), at(12));
  EXPECT_EQ(deadline_after(at(5), Duration::max()), TimePoint::max());
  EXPECT_EQ(deadline_after(at(5), Duration::max() - Duration(5)), TimePoint::max());
  EXPECT_EQ(deadline_after(at(5), Duration(-7)), at(-2));
  EXPECT_LT(deadline_after(at(5), Duration::min()), at(0));
}

/// The queue beside a std::multimap that says what it should hold.
class Model {
 public:
  Model(std::size_t timers, std::uint64_t seed) : random_(seed) {
    for (std::size_t index = 0; index < timers; ++index) {
      timers_.emplace_back(static_cast<int>(index), log_);
      places_.push_back(expected_.end());
    }
  }
  ~Model() {
    for (TestTimer& timer : timers_) queue_.cancel(timer);
  }

  void step() {
    const std::size_t index = random_() % timers_.size();
    switch (random_() % 8) {
      case 0:
      case 1:
        cancel(index);
        break;
      case 2:
        run_due();
        break;
      default:
        arm(index);
    }
    ASSERT_EQ(queue_.size(), expected_.size());
    ASSERT_EQ(queue_.next_deadline(),
              expected_.empty() ? TimePoint::max() : expected_.begin()->first);
  }

  void check_invariants() const { queue_.check_invariants(); }

 private:
  void arm(std::size_t index) {
    cancel_expected(index);
    // Few distinct deadlines, so that many are equal.
    const TimePoint deadline = now_ + Duration(random_() % 500);
    places_[index] = expected_.emplace(deadline, index);
    queue_.arm(timers_[index], deadline);
    ASSERT_TRUE(timers_[index].armed());
  }

  void cancel(std::size_t index) {
    cancel_expected(index);
    queue_.cancel(timers_[index]);
    ASSERT_FALSE(timers_[index].armed());
  }

  void cancel_expected(std::size_t index) {
    if (places_[index] == expected_.end()) return;
    expected_.erase(places_[index]);
    places_[index] = expected_.end();
  }

  void run_due() {
    now_ += Duration(random_() % 50);
    log_.clear();
    const std::size_t count_max = random_() % 20;
    const std::size_t count = queue_.run_due(now_, count_max);
    ASSERT_EQ(count, log_.size());
    TimePoint before = TimePoint::min();
    for (const int number : log_) {
      const auto place = places_[static_cast<std::size_t>(number)];
      ASSERT_NE(place, expected_.end());
      ASSERT_LE(before, place->first);
      ASSERT_LE(place->first, now_);
      before = place->first;
      cancel_expected(static_cast<std::size_t>(number));
    }
    const bool all_were_run = count < count_max;
    const bool none_is_due = expected_.empty() || expected_.begin()->first > now_;
    ASSERT_TRUE(!all_were_run || none_is_due);
  }

  using Expected = std::multimap<TimePoint, std::size_t>;

  std::mt19937_64 random_;
  TimePoint now_ = at(1000);
  std::vector<int> log_;
  std::deque<TestTimer> timers_;
  TimerQueue queue_;
  Expected expected_;
  std::vector<Expected::iterator> places_;
};

TEST(TimerQueue, BehavesAsAMultimapDoes) {
  const test::Seed seed;
  SCOPED_TRACE(seed.text());
  for (const std::size_t timers : {1U, 2U, 5U, 6U, 40U, 300U}) {
    SCOPED_TRACE(timers);
    Model model(timers, seed.value());

    for (int step = 0; step < 10'000; ++step) {
      model.step();
      if (::testing::Test::HasFatalFailure()) return;
      if (step % 64 == 0) model.check_invariants();
    }
  }
}

TEST(TimerQueue, HoldsAMillion) {
  constexpr std::size_t million = 1'000'000;
  const test::Seed seed;
  SCOPED_TRACE(seed.text());
  std::mt19937_64 random(seed.value());
  std::vector<int> log;
  TimerQueue queue;
  std::deque<TestTimer> timers;
  for (std::size_t index = 0; index < million; ++index) {
    queue.arm(timers.emplace_back(static_cast<int>(index), log),
              at(static_cast<std::int64_t>(random() % million)));
  }
  queue.check_invariants();

  for (std::size_t index = 0; index < million; index += 2) queue.cancel(timers[index]);
  queue.check_invariants();
  const std::size_t count = queue.run_due(at(million), million);

  EXPECT_EQ(count, million / 2);
  EXPECT_EQ(queue.size(), 0U);
  EXPECT_TRUE(std::all_of(log.begin(), log.end(), [](int number) { return number % 2 == 1; }));
}

TEST(TimerDeathTest, IsNotMovedOrDestroyedWhileItIsArmed) {
  std::vector<int> log;
  TimerQueue queue;
  TestTimer timer(1, log);
  queue.arm(timer, at(1));

  EXPECT_DEATH(const TestTimer moved(std::move(timer)), "armed");
  EXPECT_DEATH(std::destroy_at(&timer), "armed");
  queue.cancel(timer);
}

}  // namespace
}  // namespace weir
