#include "weir/protocols/transit_times.h"

#include <chrono>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace weir::protocols {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

// Datagrams sent a microsecond apart, on a clock that is `offset` behind the receiver's.
TransitTimes times_of(const std::vector<std::int64_t>& transits, nanoseconds offset = 0ns) {
  TransitTimes times;
  nanoseconds send_time{0};
  for (const std::int64_t transit : transits) {
    times.add(send_time, send_time + nanoseconds(transit) + offset);
    send_time += 1us;
  }
  return times;
}

TEST(TransitTimes, AreZeroWhileThereAreNone) {
  const TransitTimes times;

  EXPECT_EQ(times.count(), 0u);
  EXPECT_EQ(times.min(), 0ns);
  EXPECT_EQ(times.mean(), 0ns);
  EXPECT_EQ(times.max(), 0ns);
  EXPECT_EQ(times.jitter(), 0ns);
}

TEST(TransitTimes, HaveAMinimumAMeanAndAMaximum) {
  const TransitTimes times = times_of({300, 100, 200, 1000});

  EXPECT_EQ(times.count(), 4u);
  EXPECT_EQ(times.min(), 100ns);
  EXPECT_EQ(times.mean(), 400ns);
  EXPECT_EQ(times.max(), 1000ns);
  EXPECT_EQ(times.last(), 1000ns);
}

TEST(TransitTimes, MayBeNegativeWhereTheClocksDiffer) {
  const TransitTimes times = times_of({300, 100, 200, 1000}, -1ms);

  EXPECT_EQ(times.min(), -999'900ns);
  EXPECT_EQ(times.mean(), -999'600ns);
  EXPECT_EQ(times.max(), -999'000ns);
}

// By hand from RFC 3550 appendix A.8: J16 += d - ((J16 + 8) >> 4), reported as J16 >> 4.
TEST(TransitTimes, JitterIsThatOfTheRfc) {
  struct Vector {
    const char* name;
    std::vector<std::int64_t> transits;
    std::int64_t jitter;
  };
  const Vector vectors[] = {
      {"one datagram has none", {5000}, 0},
      {"a constant transit has none", {5000, 5000, 5000}, 0},
      {"d 16: J16 = 16", {100, 116}, 1},
      {"d 16, 16: J16 = 16 + 16 - 1 = 31", {100, 116, 100}, 1},
      {"d 16, 16, 0: J16 = 31 - 2 = 29", {100, 116, 100, 100}, 1},
      {"d 1600: J16 = 1600", {0, 1600}, 100},
      {"d 1600, 1600: J16 = 1600 + 1600 - 100 = 3100", {0, 1600, 0}, 193},
      {"d 1600, 1600, 0: J16 = 3100 - 194 = 2906", {0, 1600, 0, 0}, 181},
      {"the sign of d is nothing", {1600, 0, 1600, 1600}, 181},
      {"d 15: less than one, kept in sixteenths", {0, 15}, 0},
      {"d 15, 15: J16 = 15 + 15 - 1 = 29", {0, 15, 0}, 1},
      {"d 8, 8: rounded, J16 = 8 + 8 - 1 = 15", {0, 8, 0}, 0},
  };
  for (const Vector& v : vectors) {
    SCOPED_TRACE(v.name);

    const TransitTimes times = times_of(v.transits);

    EXPECT_EQ(times.jitter().count(), v.jitter);
  }
}

TEST(TransitTimes, JitterIsTheSameWhateverTheClocksShow) {
  const std::vector<std::int64_t> transits{1200, 900, 15'000, 1000, 1000, 4200};
  const nanoseconds jitter = times_of(transits).jitter();

  for (const nanoseconds offset : {-1ns, 1ns, 1'700'000'000'000'000'000ns, nanoseconds(-86'400s)}) {
    EXPECT_EQ(times_of(transits, offset).jitter(), jitter) << offset.count();
  }

  EXPECT_GT(jitter, 0ns);
}

TEST(TransitTimes, JitterFollowsTheFormulaInFloatingPoint) {
  const test::Seed seed;
  SCOPED_TRACE(seed.text());
  std::mt19937_64 random(seed.value());
  std::vector<std::int64_t> transits;
  double jitter = 0;
  for (int i = 0; i < 10'000; ++i) {
    transits.push_back(static_cast<std::int64_t>(random() % 1'000'000));
    if (i == 0) continue;
    const auto change = static_cast<double>(transits.back() - transits[transits.size() - 2]);
    jitter += (std::abs(change) - jitter) / 16;
  }

  const TransitTimes times = times_of(transits);

  // Half a sixteenth is lost to rounding a step, of which sixteen are remembered; and the end is
  // cut off.
  EXPECT_NEAR(static_cast<double>(times.jitter().count()), jitter, 1.5);
}

TEST(TransitTimes, AreDefinedWhateverThePeerWrites) {
  constexpr nanoseconds least = nanoseconds::min();
  constexpr nanoseconds most = nanoseconds::max();
  TransitTimes times;

  for (int i = 0; i < 1000; ++i) {
    times.add(least, -1ns);  // a transit of 2^63 - 1
    times.add(most, -1ns);   // and of -2^63
  }

  EXPECT_EQ(times.max(), TransitTimes::transit_max);
  EXPECT_EQ(times.min(), -TransitTimes::transit_max);
  EXPECT_EQ(times.mean(), 0ns);
  EXPECT_GT(times.max() - times.min(), 0ns);
  EXPECT_NEAR(static_cast<double>(times.jitter().count()), std::ldexp(1.0, 59), 1e9);
}

TEST(TransitTimes, AddUpBeyondSixtyFourBits) {
  TransitTimes times;

  for (int i = 0; i < 100; ++i) times.add(0ns, TransitTimes::transit_max);

  EXPECT_EQ(times.mean(), TransitTimes::transit_max);
}

}  // namespace
}  // namespace weir::protocols
