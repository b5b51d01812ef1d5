#include "tools/weir/serve/service_time.h"

#include <chrono>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::serve {
namespace {

using std::chrono::microseconds;
using ::testing::HasSubstr;

TEST(ServiceTime, IsAShapeAndAMean) {
  EXPECT_EQ(parse_service_time("fixed:200us")->shape, ServiceTime::Shape::fixed);
  EXPECT_EQ(parse_service_time("exp:1.5ms")->shape, ServiceTime::Shape::exponential);
  EXPECT_EQ(parse_service_time("exp:1.5ms")->mean, microseconds(1500));
}

TEST(ServiceTime, SaysWhatIsWrong) {
  EXPECT_THAT(parse_service_time("200us").error().message, HasSubstr("write fixed:TIME or exp"));
  EXPECT_THAT(parse_service_time("gauss:1ms").error().message, HasSubstr("no service time"));
  EXPECT_THAT(parse_service_time("exp:200").error().message, HasSubstr("has no unit"));
  EXPECT_THAT(parse_service_time("exp:9us").error().message, HasSubstr("10us to 10s"));
  EXPECT_THAT(parse_service_time("fixed:11s").error().message, HasSubstr("10us to 10s"));
}

TEST(ServiceTimeDraws, AFixedTimeIsAlwaysTheSame) {
  ServiceTimeDraws draws({.mean = microseconds(200)}, 1);

  for (int i = 0; i < 10; ++i) EXPECT_EQ(draws.next(), microseconds(200));
}

TEST(ServiceTimeDraws, ASeedRepeatsItselfAndAnotherDoesNot) {
  const ServiceTime time{.shape = ServiceTime::Shape::exponential, .mean = microseconds(200)};
  ServiceTimeDraws first(time, 7);
  ServiceTimeDraws again(time, 7);
  ServiceTimeDraws other(time, 8);

  for (int i = 0; i < 100; ++i) {
    const Duration drawn = first.next();
    EXPECT_EQ(drawn, again.next());
    EXPECT_NE(drawn, other.next());
  }
}

// The standard error of the mean of 100 000 draws is 0.3 %, and the seed is fixed.
TEST(ServiceTimeDraws, AnExponentialHasItsMeanDeviationAndMedian) {
  const ServiceTime time{.shape = ServiceTime::Shape::exponential, .mean = microseconds(200)};
  ServiceTimeDraws draws(time, 1);
  constexpr int count = 100'000;
  double sum = 0;
  double squares = 0;
  int below_median = 0;

  for (int i = 0; i < count; ++i) {
    const double us = std::chrono::duration<double, std::micro>(draws.next()).count();
    sum += us;
    squares += us * us;
    if (us < 200 * std::log(2)) ++below_median;
  }

  const double mean = sum / count;
  EXPECT_NEAR(mean, 200, 2);
  EXPECT_NEAR(std::sqrt(squares / count - mean * mean) / mean, 1, 0.02);
  EXPECT_NEAR(below_median, count / 2, 1000);
}

}  // namespace
}  // namespace weir::tools::serve
