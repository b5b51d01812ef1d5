#include "tools/weir/load/plan/schedule.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/load/plan/made_up_plans.h"
#include "tools/weir/load/plan/gap_statistics.h"
#include "tools/weir/load/plan/rate_shape_text.h"

namespace weir::tools::load {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Arrival poisson{.kind = Arrival::Kind::poisson};
constexpr Arrival uniform{.kind = Arrival::Kind::uniform};
constexpr Arrival fixed{.kind = Arrival::Kind::fixed};
constexpr Arrival bursts{.kind = Arrival::Kind::burst, .burst_requests = 5};

std::vector<Due> all_of(Schedule schedule) {
  std::vector<Due> all;
  while (const auto due = schedule.next()) all.push_back(*due);
  return all;
}

std::vector<nanoseconds> times_of(Schedule schedule) {
  std::vector<nanoseconds> times;
  while (const auto due = schedule.next()) times.push_back(due->time);
  return times;
}

/// FNV-1a over the times.
std::uint64_t checksum(Schedule schedule) {
  std::uint64_t sum = 0xcbf29ce484222325;
  while (const auto due = schedule.next()) {
    sum = (sum ^ static_cast<std::uint64_t>(due->time.count())) * 0x100000001b3;
  }
  return sum;
}

std::size_t count_between(const std::vector<nanoseconds>& times, nanoseconds begin,
                          nanoseconds end) {
  return static_cast<std::size_t>(std::ranges::lower_bound(times, end) -
                                  std::ranges::lower_bound(times, begin));
}

TEST(Schedule, SpacesFixedRequestsEvenlyUntilTheDuration) {
  EXPECT_THAT(all_of({constant(1000, 4ms), fixed, 1}),
              ElementsAre(Due{0ns, 0, {}}, Due{1ms, 1, {}}, Due{2ms, 2, {}}, Due{3ms, 3, {}}));
}

TEST(Schedule, SendsBurstsAtOnce) {
  EXPECT_THAT(
      times_of({constant(1000, 11ms), bursts, 1}),
      ElementsAre(0ms, 0ms, 0ms, 0ms, 0ms, 5ms, 5ms, 5ms, 5ms, 5ms, 10ms, 10ms, 10ms, 10ms, 10ms));
}

TEST(Schedule, EndsByWhicheverLimitComesFirst) {
  const RateShape second = constant(1000, 1s);

  EXPECT_EQ(all_of({second, fixed, 1}).size(), 1000U);
  EXPECT_EQ(all_of({second, fixed, 1, {}, {.duration = 500ms}}).size(), 500U);
  EXPECT_EQ(all_of({second, fixed, 1, {}, {.requests = 10}}).size(), 10U);
  EXPECT_EQ(all_of({second, fixed, 1, {}, {.duration = 5ms, .requests = 10}}).size(), 5U);
  EXPECT_EQ(all_of({second, fixed, 1, {}, {.duration = 5h, .requests = 5000}}).size(), 1000U);
  EXPECT_EQ(all_of({second, fixed, 1, {}, {.requests = 0}}).size(), 0U);
}

TEST(Schedule, StaysAtItsEnd) {
  Schedule schedule(constant(1000, 1ms), fixed, 1);

  EXPECT_TRUE(schedule.next());
  EXPECT_FALSE(schedule.next());
  EXPECT_FALSE(schedule.next());
  EXPECT_FALSE(schedule.error());
}

// The same for each compiler and machine: parts on different ones share a seed. The sums were
// worked out apart from this code, in whole numbers and fractions without rounding.
TEST(Schedule, ASeedReproducesItExactly) {
  struct Vector {
    const char* name;
    Arrival arrival;
    std::uint64_t seed, expected;
  };
  for (const auto& v : {Vector{"poisson", poisson, 1, 12114976212688680596UL},
                        Vector{"poisson, another seed", poisson, 2, 11695046627927260676UL},
                        Vector{"uniform", uniform, 1, 3976439459228717474UL}}) {
    SCOPED_TRACE(v.name);

    EXPECT_EQ(checksum({constant(123'456.7, 1s), v.arrival, v.seed}), v.expected);
  }
  EXPECT_EQ(checksum({RateShape({100, 200'000}, 1s), poisson, 1}), 10223039330438738182UL);
}

TEST(Schedule, PoissonGapsHaveMeanAndVariationOne) {
  Schedule schedule(constant(100'000, 1h), poisson, 3, {}, {.requests = 1'000'001});
  GapStatistics gaps;

  while (const auto due = schedule.next()) gaps.add_event(due->time);

  EXPECT_EQ(gaps.count(), 1'000'000U);
  EXPECT_NEAR(gaps.mean() / 10'000, 1, 0.005);
  EXPECT_NEAR(gaps.variation(), 1, 0.005);
}

TEST(Schedule, CountsFollowTheShapeInEachWindow) {
  const std::array shapes = {
      RateShape({0, 40'000}, 10s),
      RateShape({40'000, 1000}, 10s),
      parse_rate_steps("10k,0,40k,5k@2500ms").value(),
      parse_rate_points("0s,1k\n3s,50k\n3s,2k\n6s,2k\n10s,30k\n", "f").value(),
  };
  for (const RateShape& shape : shapes) {
    for (const Arrival& arrival : {poisson, uniform, fixed, bursts}) {
      SCOPED_TRACE(to_string(arrival));
      const auto times = times_of({shape, arrival, 1});
      EXPECT_TRUE(std::ranges::is_sorted(times));
      for (nanoseconds begin = 0s; begin < 10s; begin += 500ms) {
        const double expected = shape.requests_by(begin + 500ms) - shape.requests_by(begin);

        const auto count = static_cast<double>(count_between(times, begin, begin + 500ms));

        // Five standard deviations of the count; or a burst more or less at each end.
        const double spread = 5 * std::sqrt(expected) * std::min(gap_variation(arrival), 1.0);
        const double edge = static_cast<double>(arrival.burst_requests);
        EXPECT_NEAR(count, expected, spread + edge) << begin.count();
      }
    }
  }
}

TEST(Schedule, FixedCountsAreThoseOfTheShape) {
  EXPECT_EQ(all_of({RateShape({0, 2000}, 10s), fixed, 1}).size(), 10'000U);
  EXPECT_EQ(all_of({parse_rate_steps("100,0,300@1s").value(), fixed, 1}).size(), 400U);
  EXPECT_EQ(all_of({parse_rate_steps("0,100@1s").value(), fixed, 1}).front().time, 1s);
}

TEST(Schedule, PartsTogetherAreTheWhole) {
  for (const Arrival& arrival : {poisson, uniform, fixed, bursts}) {
    for (const std::uint32_t parts : {1U, 2U, 3U, 7U}) {
      SCOPED_TRACE(to_string(arrival) + " in " + std::to_string(parts));
      const RateShape shape({500, 20'000}, 1s);
      const ScheduleLimits limits{.requests = 9'001};
      const auto whole = all_of({shape, arrival, 9, {}, limits});

      std::vector<Due> together;
      for (std::uint32_t part = 0; part < parts; ++part) {
        const auto own = all_of({shape, arrival, 9, {.part = part, .parts = parts}, limits});
        for (const Due& due : own) EXPECT_EQ(due.number % parts, part);
        together.insert(together.end(), own.begin(), own.end());
      }

      std::ranges::sort(together, {}, &Due::number);
      EXPECT_EQ(whole.size(), limits.requests);
      EXPECT_EQ(together, whole);
    }
  }
}

TEST(Schedule, ReplaysATraceInParts) {
  const std::string text = "0,64\n10\n10,5\n30\n40,6\n";
  const auto part = [&](std::uint32_t number, const ScheduleLimits& limits) {
    return all_of(Schedule(trace_of(text), {.part = number, .parts = 2}, limits));
  };

  EXPECT_THAT(part(0, {}), ElementsAre(Due{0ns, 0, 64}, Due{10ns, 2, 5}, Due{40ns, 4, 6}));
  EXPECT_THAT(part(1, {}), ElementsAre(Due{10ns, 1, {}}, Due{30ns, 3, {}}));
  EXPECT_THAT(part(0, {.duration = 40ns}), ElementsAre(Due{0ns, 0, 64}, Due{10ns, 2, 5}));
  EXPECT_THAT(part(0, {.requests = 2}), ElementsAre(Due{0ns, 0, 64}));
}

TEST(Schedule, SaysWhyATraceEndedEarly) {
  Schedule schedule(trace_of("0\n5\n4\n"));

  EXPECT_TRUE(schedule.next());
  EXPECT_TRUE(schedule.next());
  EXPECT_FALSE(schedule.next());
  EXPECT_FALSE(schedule.next());

  ASSERT_TRUE(schedule.error());
  EXPECT_THAT(schedule.error()->message, HasSubstr("t:3: 4 ns comes before"));
}

}  // namespace
}  // namespace weir::tools::load
