// Which of two ways is taken, by what they were seen to cost.
#include "reactor/trial.h"

#include <cstddef>
#include <cstdint>

#include <gtest/gtest.h>

namespace weir::reactor {
namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;

constexpr Trial::Plan plan{.warm_up = 1000, .stretch = 100, .seed = 1};

/// Work that costs what it costs.
class Work {
 public:
  microseconds usual_cost{500};
  microseconds other_cost{500};
  /// What a stretch costs more or less than that, as on a busy machine.
  double noise = 0;
  /// Pieces of work done each time, in either way.
  std::uint64_t usual_pieces = 1;
  std::uint64_t other_pieces = 1;

  /// \returns how often it went the other way
  std::size_t go_on(std::size_t count) {
    std::size_t others = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const bool is_other = trial_.is_other();
      others += is_other ? 1 : 0;
      total_.cpu +=
          std::chrono::duration_cast<nanoseconds>((is_other ? other_cost : usual_cost) * mood_);
      total_.work += is_other ? other_pieces : usual_pieces;
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

constexpr std::size_t stretch_max = plan.stretch / 2 + plan.stretch;
/// Enough for the pairs that follow each other at first.
constexpr std::size_t beginning = plan.warm_up + 32 * 2 * plan.stretch;
/// A pair, and what comes between two of them when nothing has changed for long.
constexpr std::size_t period = (2 + Trial::settled_max) * plan.stretch;

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
    const std::size_t usual = 10 * period - cheaper.go_on(10 * period);
    EXPECT_GE(usual, 5 * plan.stretch);
    EXPECT_LE(usual, period);

    Work dearer;
    dearer.other_cost = microseconds(600);
    dearer.noise = noise;
    dearer.go_on(beginning + 10 * period);
    const std::size_t other = dearer.go_on(10 * period);
    EXPECT_GE(other, 5 * plan.stretch);
    EXPECT_LE(other, period);
  }
}

TEST(Trial, StaysWithTheUsualWayWhereNoDifferenceShows) {
  Work work;
  work.noise = 0.2;
  work.go_on(beginning);

  // It may fall for chance for a while.
  EXPECT_LT(work.go_on(20 * period), 8 * period);
}

TEST(Trial, TriesAtFirstOftenThenSeldom) {
  Work work;
  work.other_cost = microseconds(600);
  const std::size_t early = work.go_on(beginning);
  work.go_on(10 * period);
  const std::size_t late = work.go_on(10 * period);

  EXPECT_GE(early, 8 * plan.stretch / 2);
  EXPECT_LE(early, 12 * stretch_max);
  EXPECT_GE(late, 8 * plan.stretch / 2);
  EXPECT_LE(late, 12 * stretch_max);
}

TEST(Trial, FollowsALoadThatChanges) {
  for (const double noise : {0.0, 0.1}) {
    SCOPED_TRACE(noise);
    Work work;
    work.other_cost = microseconds(400);
    work.noise = noise;
    work.go_on(beginning + 10 * period);
    EXPECT_GT(work.go_on(period), period / 2);

    // The next pair comes within a period, and others soon after it.
    work.other_cost = microseconds(700);
    work.go_on(period + 30 * (2 + Trial::settled_min) * plan.stretch);
    EXPECT_LT(work.go_on(period), period / 4);
  }
}

TEST(Trial, GivesUpTheOtherWayWhenItsAdvantageIsGone) {
  Work work;
  work.other_cost = microseconds(400);
  work.noise = 0.1;
  work.go_on(beginning + 10 * period);

  work.other_cost = microseconds(500);
  work.go_on(30 * period);

  EXPECT_LT(work.go_on(10 * period), 5 * period);
}

TEST(Trial, ComparesTheCostOfAPieceOfWork) {
  Work coarser;
  coarser.other_cost = microseconds(800);
  coarser.other_pieces = 2;
  coarser.go_on(beginning);
  EXPECT_GT(coarser.go_on(period), period / 2);

  // What is cheaper each time, but does less, is dearer.
  Work finer;
  finer.other_cost = microseconds(400);
  finer.usual_pieces = 2;
  finer.go_on(beginning);
  EXPECT_LT(finer.go_on(period), period / 2);
}

TEST(Trial, LearnsFromStretchesWithWorkOnly) {
  Work work;
  work.other_cost = microseconds(100);
  work.usual_pieces = work.other_pieces = 0;
  work.go_on(beginning);
  EXPECT_LT(work.go_on(20 * period), 2 * period);

  work.usual_pieces = work.other_pieces = 1;
  work.go_on(10 * period);

  EXPECT_GT(work.go_on(period), period / 2);
}

TEST(Trial, TwoWithSeedsOfTheirOwnDoNotKeepStep) {
  Trial one({.warm_up = 10, .stretch = 100, .seed = 1});
  Trial two({.warm_up = 10, .stretch = 100, .seed = 2});
  std::size_t both = 0;
  std::size_t first_only = 0;
  Trial::Total total{};
  for (int i = 0; i < 6000; ++i) {
    both += one.is_other() && two.is_other() ? 1 : 0;
    first_only += one.is_other() && !two.is_other() ? 1 : 0;
    total.cpu += microseconds(1);
    ++total.work;
    one.count();
    two.count();
    if (one.is_due()) one.end_stretch(total);
    if (two.is_due()) two.end_stretch(total);
  }

  EXPECT_GT(both, 500U);
  EXPECT_GT(first_only, 500U);
}

TEST(Trial, ReadsTheProcessorTimeOfThisThread) {
  const nanoseconds before = Trial::thread_cpu();
  nanoseconds after = before;
  for (int i = 0; i < 100'000'000 && after == before; ++i) after = Trial::thread_cpu();

  EXPECT_GT(after, before);
}

}  // namespace
}  // namespace weir::reactor
