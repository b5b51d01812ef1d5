#include "tools/weir/load/engine/shared_schedule.h"

#include <algorithm>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

using std::chrono::nanoseconds;

Schedule whole(Arrival::Kind kind, double rate = 10'000) {
  const Arrival arrival{.kind = kind, .burst_requests = 7};
  return {RateShape({.first = rate, .last = rate}, std::chrono::seconds(1)), arrival, /*seed=*/5};
}

std::vector<Due> all_of(Schedule schedule) {
  std::vector<Due> all;
  while (const auto due = schedule.next()) all.push_back(*due);
  return all;
}

/// What the flows get that take turns, as long as there is anything.
std::vector<Due> taken_in_turns(SharedSchedule schedule, const FlowRange& flows) {
  std::vector<Due> taken;
  std::size_t before = 0;
  do {
    before = taken.size();
    for (std::uint32_t flow = flows.first; flow < flows.first + flows.here; ++flow) {
      if (const auto due = schedule.next(flow)) taken.push_back(*due);
    }
  } while (taken.size() > before);
  return taken;
}

bool is_due_before(const Due& a, const Due& b) { return a.number < b.number; }

TEST(SharedSchedule, ItsFlowsTogetherSendTheWholeSchedule) {
  for (const auto kind : {Arrival::Kind::poisson, Arrival::Kind::uniform, Arrival::Kind::fixed,
                          Arrival::Kind::burst}) {
    constexpr FlowRange left{.first = 0, .here = 3, .all = 5};
    constexpr FlowRange right{.first = 3, .here = 2, .all = 5};

    std::vector<Due> taken = taken_in_turns(SharedSchedule(whole(kind), left), left);
    const std::vector<Due> others = taken_in_turns(SharedSchedule(whole(kind), right), right);
    taken.insert(taken.end(), others.begin(), others.end());
    std::sort(taken.begin(), taken.end(), is_due_before);

    EXPECT_EQ(taken, all_of(whole(kind)));
  }
}

TEST(SharedSchedule, AFlowGetsItsShareWhateverTheOthersTake) {
  constexpr FlowRange flows{.first = 0, .here = 4, .all = 4};
  SharedSchedule schedule(whole(Arrival::Kind::poisson), flows);
  const std::vector<Due> all = all_of(whole(Arrival::Kind::poisson));

  std::vector<Due> first;
  while (const auto due = schedule.next(0)) first.push_back(*due);
  std::vector<Due> third;
  while (const auto due = schedule.next(2)) third.push_back(*due);

  ASSERT_EQ(first.size(), (all.size() + 3) / 4);
  ASSERT_EQ(third.size(), (all.size() + 1) / 4);
  for (std::size_t i = 0; i < third.size(); ++i) {
    EXPECT_EQ(first[i], all[4 * i]);
    EXPECT_EQ(third[i], all[4 * i + 2]);
  }
  EXPECT_FALSE(schedule.next(0));
  EXPECT_FALSE(schedule.next(2));
}

TEST(SharedSchedule, CountsWhatAFlowThatStandsStillLeavesOut) {
  constexpr FlowRange flows{.first = 0, .here = 2, .all = 2};
  SharedSchedule schedule(whole(Arrival::Kind::fixed, 300'000), flows);

  while (schedule.next(0)) continue;
  std::uint64_t kept = 0;
  while (schedule.next(1)) ++kept;

  EXPECT_EQ(kept, SharedSchedule::backlog_max);
  EXPECT_EQ(schedule.take_left_out(1), 150'000 - SharedSchedule::backlog_max);
  EXPECT_EQ(schedule.take_left_out(1), 0U);
  EXPECT_EQ(schedule.take_left_out(0), 0U);
}

}  // namespace
}  // namespace weir::tools::load
