#include "tools/weir/bench/rounds/suite_result.h"

#include <gtest/gtest.h>

namespace weir::tools::bench {
namespace {

TEST(ContenderResult, TheLatenciesOfAllRoundsAreOneDistribution) {
  CellLatency first{.start = LatencyStart::due};
  first.samples.record(1000);
  CellLatency second{.start = LatencyStart::due};
  second.samples.record(3000);
  second.samples.record_censored(9000);
  ContenderResult contender;
  EXPECT_FALSE(contender.latency.has_value());

  contender.add_latency(first);
  contender.add_latency(second);

  ASSERT_TRUE(contender.latency.has_value());
  EXPECT_EQ(contender.latency->start, LatencyStart::due);
  EXPECT_EQ(contender.latency->samples.count(), 3U);
  EXPECT_EQ(contender.latency->samples.censored_count(), 1U);
  EXPECT_EQ(contender.latency->samples.all().min(), 1000U);
}

}  // namespace
}  // namespace weir::tools::bench
