#include "tools/weir/load/plan/arrival.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/build_kind.h"
#include "tools/weir/load/plan/gap_statistics.h"

namespace weir::tools::load {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::size_t sample_count = 1'000'000;

std::vector<double> gaps_of(const Arrival& arrival, std::uint64_t seed) {
  ArrivalProcess arrivals(arrival, seed);
  std::vector<double> gaps;
  long double last = 0;
  for (std::size_t i = 0; i < sample_count; ++i) {
    const long double position = arrivals.next().requests();
    gaps.push_back(static_cast<double>(position - last));
    last = position;
  }
  return gaps;
}

GapStatistics statistics_of(const std::vector<double>& gaps) {
  GapStatistics statistics;
  for (const double gap : gaps) statistics.add_gap(gap);
  return statistics;
}

/// The largest distance between how the sample and the distribution are spread (Kolmogorov and
/// Smirnov), times the root of the count: above 2 once in 1500 seeds, and these seeds are fixed.
double distance_from(std::vector<double> sample,
                     const std::function<double(double)>& distribution) {
  std::ranges::sort(sample);
  const auto count = static_cast<double>(sample.size());
  double distance = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const double expected = distribution(sample[i]);
    distance = std::max({distance, std::abs(expected - static_cast<double>(i) / count),
                         std::abs(expected - static_cast<double>(i + 1) / count)});
  }
  return distance * std::sqrt(count);
}

std::vector<double> first_positions(const Arrival& arrival, int count) {
  ArrivalProcess arrivals(arrival, 1);
  std::vector<double> positions;
  for (int i = 0; i < count; ++i) {
    positions.push_back(static_cast<double>(arrivals.next().requests()));
  }
  return positions;
}

TEST(Arrival, PoissonGapsAreExponential) {
  for (const std::uint64_t seed : {0UL, 1UL, 42UL}) {
    if (test::slow_build && seed > 0) break;
    const auto gaps = gaps_of({.kind = Arrival::Kind::poisson}, seed);

    const GapStatistics statistics = statistics_of(gaps);

    // The task's 2 % would be 20 standard deviations of the mean; five are 0.5 %.
    EXPECT_NEAR(statistics.mean(), 1, 0.005);
    EXPECT_NEAR(statistics.variation(), 1, 0.005);
    EXPECT_LT(distance_from(gaps, [](double gap) { return -std::expm1(-gap); }), 2);
    // The longest of a million: ln 10^6 = 13.8 give or take.
    EXPECT_GT(std::ranges::max(gaps), 11);
    EXPECT_LT(std::ranges::max(gaps), 25);
  }
}

TEST(Arrival, PoissonGapsAreIndependentOfEachOther) {
  const auto gaps = gaps_of({.kind = Arrival::Kind::poisson}, 7);
  double products = 0;

  for (std::size_t i = 1; i < gaps.size(); ++i) products += (gaps[i - 1] - 1) * (gaps[i] - 1);

  EXPECT_NEAR(products / sample_count, 0, 0.005);  // five standard deviations
}

TEST(Arrival, UniformGapsAreUniformBetweenZeroAndTwo) {
  const auto gaps = gaps_of({.kind = Arrival::Kind::uniform}, 1);

  const GapStatistics statistics = statistics_of(gaps);

  EXPECT_NEAR(statistics.mean(), 1, 0.003);
  EXPECT_NEAR(statistics.variation(), gap_variation({.kind = Arrival::Kind::uniform}), 0.003);
  EXPECT_LT(distance_from(gaps, [](double gap) { return gap / 2; }), 2);
}

TEST(Arrival, FixedAndBurstsNeedNoChance) {
  EXPECT_THAT(first_positions({.kind = Arrival::Kind::fixed}, 4), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(first_positions({.kind = Arrival::Kind::burst, .burst_requests = 3}, 7),
              ElementsAre(0, 0, 0, 3, 3, 3, 6));
  EXPECT_THAT(first_positions({.kind = Arrival::Kind::burst, .burst_requests = 1}, 3),
              ElementsAre(0, 1, 2));
}

TEST(Arrival, BurstsVaryAsPromised) {
  const Arrival burst{.kind = Arrival::Kind::burst, .burst_requests = 10};

  EXPECT_NEAR(statistics_of(gaps_of(burst, 1)).variation(), gap_variation(burst), 0.001);
}

TEST(Arrival, ASeedRepeatsItsPositionsAndAnotherDoesNot) {
  ArrivalProcess first({}, 5);
  ArrivalProcess again({}, 5);
  ArrivalProcess other({}, 6);

  int equal = 0;
  for (int i = 0; i < 1000; ++i) {
    const ArrivalPosition position = first.next();
    EXPECT_EQ(position, again.next());
    equal += position == other.next() ? 1 : 0;
  }
  EXPECT_EQ(equal, 0);
}

TEST(Arrival, ReadsWhatItPrints) {
  for (const char* text : {"poisson", "uniform", "fixed", "burst:1", "burst:64", "burst:1000000"}) {
    const auto arrival = parse_arrival(text);

    ASSERT_TRUE(arrival) << text;
    EXPECT_EQ(to_string(*arrival), text);
  }
  EXPECT_EQ(parse_arrival("burst:1k")->burst_requests, 1000U);
}

TEST(Arrival, RefusesTheRestAndSaysWhatToWrite) {
  struct Vector {
    const char *text, *reason;
  };
  for (const auto& v :
       {Vector{"", "is not an arrival; use poisson, uniform, fixed or burst:N"},
        Vector{"Poisson", "is not an arrival"}, Vector{"burst", "is not an arrival"},
        Vector{"burst:", "not a whole number"}, Vector{"burst:0", "out of range (1 to 1 000 000)"},
        Vector{"burst:1.5", "not a whole number"}, Vector{"burst:2M", "out of range"}}) {
    const auto arrival = parse_arrival(v.text);

    ASSERT_FALSE(arrival) << v.text;
    EXPECT_THAT(arrival.error().message, HasSubstr(v.reason)) << v.text;
  }
}

}  // namespace
}  // namespace weir::tools::load
