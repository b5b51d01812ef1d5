#include "tools/weir/load/plan/rate_shape.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "tests/tools/load/plan/made_up_plans.h"

namespace weir::tools::load {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

RateShape through(std::vector<RatePoint> points) { return RateShape(points); }

/// By the points' trapezoids and in seconds: another way than that of the class.
double integral(const std::vector<RatePoint>& points, nanoseconds until) {
  double requests = 0;
  for (std::size_t i = 1; i < points.size(); ++i) {
    const auto [begin, first] = points[i - 1];
    const auto [end, last] = points[i];
    if (until <= begin || begin == end) continue;
    const double length = std::chrono::duration<double>(end - begin).count();
    const double part =
        std::chrono::duration<double>(std::min(until, end) - begin).count() / length;
    requests += length * part * (first + (last - first) * part / 2);
  }
  return requests;
}

TEST(RateShape, KeepsAConstantRate) {
  const RateShape shape = constant(1000, 10s);

  EXPECT_EQ(shape.duration(), 10s);
  EXPECT_EQ(shape.rate_max(), 1000);
  EXPECT_DOUBLE_EQ(shape.rate_at(0s), 1000);
  EXPECT_DOUBLE_EQ(shape.rate_at(10s - 1ns), 1000);
  EXPECT_EQ(shape.rate_at(10s), 0);
  EXPECT_EQ(shape.rate_at(-1ns), 0);
  EXPECT_EQ(shape.requests_by(-1ns), 0);
  EXPECT_DOUBLE_EQ(shape.requests_by(2500us), 2.5);
  EXPECT_DOUBLE_EQ(shape.requests_by(11s), 10'000);
  EXPECT_EQ(shape.time_of(0), 0s);
  EXPECT_EQ(shape.time_of(1.5), 1500us);
  EXPECT_EQ(shape.time_of(9999), 9999ms);
  EXPECT_EQ(shape.time_of(10'000), 10s);
  EXPECT_EQ(shape.time_of(1e18), 10s);
}

TEST(RateShape, IsPreciseToTheNanosecondAfterAMonthAtAMillionASecond) {
  constexpr auto month = 30 * 24h;
  const RateShape shape = constant(1e6, month + 1h);
  const auto in_a_month = std::chrono::duration_cast<std::chrono::microseconds>(month).count();

  for (const std::int64_t more : {0, 1, 2, 3, 999'999, 1'000'001}) {
    const auto requests = static_cast<long double>(in_a_month + more);
    EXPECT_EQ(shape.time_of(requests), month + more * 1us);
    EXPECT_EQ(shape.time_of(requests + 0.001L), month + more * 1us + 1ns);
    EXPECT_EQ(shape.time_of(requests + 0.999L), month + more * 1us + 999ns);
  }
  EXPECT_NEAR(shape.requests_by(month + 1ns), static_cast<double>(in_a_month) + 0.001, 5e-4);
}

TEST(RateShape, DoesNotDriftAtRatesThatDivideNothing) {
  const RateShape shape = constant(3, 30 * 24h);

  EXPECT_EQ(shape.time_of(1), 333'333'333ns);
  EXPECT_EQ(shape.time_of(2), 666'666'667ns);
  EXPECT_EQ(shape.time_of(3.0L * 86'400 * 29), 29 * 24h);
  EXPECT_EQ(shape.time_of(3.0L * 86'400 * 29 + 1), 29 * 24h + 333'333'333ns);
}

TEST(RateShape, Ramps) {
  const RateShape shape({0, 2000}, 10s);

  EXPECT_DOUBLE_EQ(shape.rate_at(5s), 1000);
  EXPECT_DOUBLE_EQ(shape.requests_by(5s), 2500);
  EXPECT_DOUBLE_EQ(shape.requests(), 10'000);
  EXPECT_EQ(shape.time_of(0), 0s);
  EXPECT_EQ(shape.time_of(1), 100ms);
  EXPECT_EQ(shape.time_of(2500), 5s);
  EXPECT_EQ(shape.time_of(8100), 9s);
}

TEST(RateShape, FallsToNothing) {
  const RateShape shape({2000, 0}, 10s);

  EXPECT_EQ(shape.rate_max(), 2000);
  EXPECT_EQ(shape.time_of(7500), 5s);
  EXPECT_EQ(shape.time_of(9999), 9900ms);
  EXPECT_EQ(shape.time_of(10'000), 10s);
}

TEST(RateShape, ARequestHeldBackByAPauseIsDueWhenItIsOver) {
  const RateShape shape = through({{0s, 0},
                                   {1s, 0},
                                   {1s, 100},
                                   {2s, 100},
                                   {2s, 0},
                                   {4s, 0},
                                   {4s, 100},
                                   {5s, 100},
                                   {5s, 0},
                                   {6s, 0}});

  EXPECT_EQ(shape.time_of(0), 1s);
  EXPECT_EQ(shape.time_of(99), 1990ms);
  EXPECT_EQ(shape.time_of(100), 4s);
  EXPECT_EQ(shape.time_of(101), 4010ms);
  EXPECT_EQ(shape.time_of(200), 6s);
  EXPECT_DOUBLE_EQ(shape.requests_by(3s), 100);
  EXPECT_EQ(shape.rate_at(2s), 0);
  EXPECT_DOUBLE_EQ(shape.rate_at(4s), 100);
}

TEST(RateShape, HoldsItsDigitsWhereTheRateHardlyChanges) {
  for (const double change : {1e-12, -1e-12, 1e-6, -1e-6}) {
    const RateShape shape({1000, 1000 + change}, 24h);

    // The change moves a request by less than a nanosecond of its own half a day.
    const double late_ns = -change / 2 / 1000 * 43'200e9 / 2;
    const auto time = shape.time_of(43'200'000);

    EXPECT_NEAR(static_cast<double>((time - 12h).count()), late_ns, 1) << change;
  }
}

TEST(RateShape, TimesAndCountsAreInverse) {
  const std::array shapes = {
      std::vector<RatePoint>{{0s, 1000}, {10s, 1000}},
      std::vector<RatePoint>{{0s, 0}, {10s, 1e6}},
      std::vector<RatePoint>{{0s, 1e6}, {10s, 0}},
      std::vector<RatePoint>{{0s, 10}, {3s, 10}, {3s, 1e5}, {4s, 2}, {7s, 0}, {8s, 0}, {9s, 3}},
      std::vector<RatePoint>{{0s, 1e9}, {1ns, 0}, {1s, 0}, {1s + 1ns, 1e9}, {2s, 1e9}},
      std::vector<RatePoint>{{0s, 0.001 / 3600}, {24h, 1e9}},
  };
  for (const auto& points : shapes) {
    const RateShape shape{points};
    EXPECT_NEAR(shape.requests() / integral(points, shape.duration()), 1, 1e-12);
    for (int i = 0; i < 1000; ++i) {
      const long double requests = static_cast<long double>(shape.requests()) * i / 1000;

      const nanoseconds time = shape.time_of(requests);

      // A nanosecond either way at the rates around it, and what a double holds.
      const double slack = (shape.rate_at(time - 1ns) + shape.rate_at(time)) * 1e-9 +
                           static_cast<double>(requests) * 1e-14;
      EXPECT_NEAR(shape.requests_by(time), static_cast<double>(requests), slack + 1e-9) << i;
      EXPECT_NEAR(integral(points, time), static_cast<double>(requests),
                  slack + shape.requests() * 1e-12)
          << i;
    }
  }
}

TEST(RateShape, FindsTheSameTimesInOrderAsAtRandom) {
  const RateShape shape =
      through({{0s, 5}, {1s, 50}, {1s, 0}, {2s, 0}, {3s, 500}, {4s, 7}, {4s, 9}, {5s, 0}});
  std::size_t piece = 0;

  for (long double requests = 0; requests < 700; requests += 0.37L) {
    EXPECT_EQ(shape.time_of(requests, piece), shape.time_of(requests));
  }
  EXPECT_GT(piece, 0U);
}

}  // namespace
}  // namespace weir::tools::load
