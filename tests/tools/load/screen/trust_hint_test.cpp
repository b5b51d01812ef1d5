#include "tools/weir/load/screen/trust_hint.h"

#include <gtest/gtest.h>

#include "tests/tools/load/screen/example_sample.h"

namespace weir::tools::load {
namespace {

using namespace std::chrono_literals;

TEST(TrustHint, AnOrdinarySecondIsOk) { EXPECT_EQ(trust_hint(example_sample(), 1), "ok"); }

TEST(TrustHint, ALagIsHighBesideTheLatencyItIsPartOf) {
  ProgressSample sample = example_sample();
  sample.send_lag_p99 = 150us;

  EXPECT_EQ(trust_hint(sample, 1), "send lag high");
  sample.p99 = 2ms;
  EXPECT_EQ(trust_hint(sample, 1), "ok");
  sample.send_lag_p99 = 401us;
  EXPECT_EQ(trust_hint(sample, 1), "send lag high");
}

TEST(TrustHint, AClosedLoopHasNoLag) {
  ProgressSample sample = example_sample();
  sample.send_lag_p99 = 1s;
  sample.offered_rate.reset();

  EXPECT_EQ(trust_hint(sample, 1), "ok");
}

TEST(TrustHint, AGeneratorIsBusyOnAllItsShards) {
  ProgressSample sample = example_sample();
  sample.generator_cpu_share = 0.95;

  EXPECT_EQ(trust_hint(sample, 1), "generator busy");
  EXPECT_EQ(trust_hint(sample, 2), "ok");
}

TEST(TrustHint, StolenTimeComesFirst) {
  ProgressSample sample = example_sample();
  sample.generator_cpu_share = 0.95;
  sample.steal_share = 0.03;

  EXPECT_EQ(trust_hint(sample, 1), "steal high");
}

TEST(TrustHint, BehindIsARateMissedWithAQueue) {
  ProgressSample sample = example_sample();
  sample.rate = 15'000;

  EXPECT_EQ(trust_hint(sample, 1), "ok");
  sample.queued = 3000;
  EXPECT_EQ(trust_hint(sample, 1), "behind");
}

}  // namespace
}  // namespace weir::tools::load
