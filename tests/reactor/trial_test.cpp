// Which of two ways is taken, by what they were seen to cost.
#include "reactor/trial.h"

#include <cstddef>
#include <cstdint>

#include <gtest/gtest.h>

namespace weir::reactor {
namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;

constexpr Trial::Plan plan{.warm_up = 1000, .stretch = 100};

/// Work that costs what it costs.
class Work {
 public:
  microseconds usual_cost{500};
  microseconds other_cost{500};
  /// What a stretch costs more or less than that, as on a busy machine.
  double noise = 0;
  /// Pieces of work for each thing that is counted.
  std::uint64_t pieces = 1;

  /// \returns how often it went the other way
  std::size_t go_on(std::size_t count) {
    std::size_t others = 0;
    for (std::size_t i = 0; i < count; ++i) {
      others += trial_.is_other() ? 1 : 0;
      const auto cost = trial_.is_other() ? other_cost : usual_cost;
      total_.cpu += std::chrono::duration_cast<nanoseconds>(cost * mood_ * pieces);
      total_.work += pieces;
      trial_.count();
      if (trial_.is_due()) end_stretch();
    }
    return others;
  }

 private:
  void end_stretch() {
    trial_.end_stretch(total_);
    random_ = random_ * 6364136223846793005U + 1442695040888963407U;
    const double from_minus_one = static_cast<double>(random_ >> 40U) / (1U << 23U) - 1;
    mood_ = 1 + noise * from_minus_one;
  }

  Trial trial_{plan};
  Trial::Total total_{};
  double mood_ = 1;
  std::uint64_t random_ = 1;
};

constexpr std::size_t pair = 2 * plan.stretch;
/// Enough for the pairs that follow each other at first.
constexpr std::size_t beginning = plan.warm_up + 32 * pair;
/// A pair, and what comes between two of them when nothing has changed for long.
constexpr std::size_t period = pair + Trial::settled_max * plan.stretch;

TEST(Trial, BeginsWithTheUsualWay) {
  Work work;
  work.other_cost = microseconds(100);

  EXPECT_EQ(work.go_on(plan.warm_up), 0U);
}

TEST(Trial, TakesTheCheaperWayButForAPairNowAndThen) {
  for (const double noise : {0.0, 0.2}) {
    SCOPED_TRACE(noise);
    Work cheaper;
    cheaper.other_cost = microseconds(400);
    cheaper.noise = noise;
    cheaper.go_on(beginning + 10 * period);
    EXPECT_EQ(period - cheaper.go_on(period), plan.stretch);

    Work dearer;
    dearer.other_cost = microseconds(600);
    dearer.noise = noise;
    dearer.go_on(beginning + 10 * period);
    EXPECT_EQ(dearer.go_on(period), plan.stretch);
  }
}

TEST(Trial, StaysWithTheUsualWayWhereNoDifferenceShows) {
  Work work;
  work.noise = 0.2;
  work.go_on(beginning);

  EXPECT_LE(work.go_on(20 * period), 40 * plan.stretch);
}

TEST(Trial, TriesAtFirstOftenThenSeldom) {
  Work work;
  work.other_cost = microseconds(600);
  const std::size_t early = work.go_on(beginning);
  work.go_on(10 * period);

  EXPECT_GE(early, 8 * plan.stretch);
  EXPECT_LE(early, 16 * plan.stretch);
  EXPECT_EQ(work.go_on(5 * period), 5 * plan.stretch);
}

TEST(Trial, FollowsAMachineThatChanges) {
  Work work;
  work.other_cost = microseconds(400);
  work.noise = 0.1;
  work.go_on(beginning);
  EXPECT_GT(work.go_on(period), period / 2);

  work.other_cost = microseconds(700);
  work.go_on(100 * period);

  EXPECT_LE(work.go_on(period), 2 * plan.stretch);
}

TEST(Trial, ComparesTheCostOfAPieceOfWork) {
  Work work;
  work.other_cost = microseconds(400);
  work.pieces = 7;
  work.go_on(beginning);

  EXPECT_GT(work.go_on(period), period / 2);
}

TEST(Trial, LearnsNothingFromStretchesWithoutWork) {
  Work work;
  work.other_cost = microseconds(100);
  work.pieces = 0;
  work.go_on(beginning);

  EXPECT_LE(work.go_on(20 * period), 40 * plan.stretch);
}

TEST(Trial, ReadsTheProcessorTimeOfThisThread) {
  const nanoseconds before = Trial::thread_cpu();
  nanoseconds after = before;
  for (int i = 0; i < 100'000'000 && after == before; ++i) after = Trial::thread_cpu();

  EXPECT_GT(after, before);
}

}  // namespace
}  // namespace weir::reactor
