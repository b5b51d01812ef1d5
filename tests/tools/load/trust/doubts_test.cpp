#include "tools/weir/load/trust/doubts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/support/example_report.h"

namespace weir::tools::load {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

std::vector<DoubtKind> kinds(const LoadReport& report) {
  std::vector<DoubtKind> out;
  for (const Doubt& doubt : find_doubts(report)) out.push_back(doubt.kind);
  return out;
}

TEST(Doubts, AGoodRunRaisesNone) { EXPECT_THAT(kinds(example_report()), IsEmpty()); }

TEST(Doubts, ABusyGeneratorMayBeTheLimit) {
  LoadReport report = example_report();
  report.cpu_time = 9'700ms;
  ASSERT_THAT(kinds(report), ElementsAre(DoubtKind::generator_busy));
  EXPECT_EQ(find_doubts(report)[0].text,
            "the generator used 97 % of its 1 shard: it may be the limit, not the server; try "
            "--shards 2");

  report.options.shards = 2;
  EXPECT_THAT(kinds(report), IsEmpty());
}

TEST(Doubts, AShortRunSaysLittle) {
  LoadReport report = example_report();
  report.measured = 900ms;
  report.cpu_time = 0ns;

  EXPECT_THAT(kinds(report), ElementsAre(DoubtKind::short_run));
}

TEST(Doubts, MissingConnectionsAreTold) {
  LoadReport report = example_report();
  report.connections.established = 7;

  ASSERT_THAT(kinds(report), ElementsAre(DoubtKind::few_connections));
  EXPECT_EQ(find_doubts(report)[0].text, "only 7 of 8 connections were made");
}

TEST(Doubts, ClippedLatenciesAreTold) {
  LoadReport report = example_report();
  for (int i = 0; i < 3; ++i) report.latency.service.record(UINT64_MAX);

  EXPECT_THAT(kinds(report), ElementsAre(DoubtKind::latency_clipped));
}

TEST(Doubts, AMovingRateIsTold) {
  LoadReport report = example_report();
  for (std::size_t second = 6; second < 9; ++second) report.seconds.rows()[second].answered = 5'000;

  ASSERT_THAT(kinds(report), ElementsAre(DoubtKind::unsteady));
  EXPECT_EQ(find_doubts(report)[0].text,
            "the rate moved: the fastest third of the run was 2.00 times the slowest");
}

TEST(Doubts, AStandstillIsUnsteadyToo) {
  LoadReport report = example_report();
  for (std::size_t second = 0; second < 3; ++second) report.seconds.rows()[second].answered = 0;

  EXPECT_THAT(kinds(report), ElementsAre(DoubtKind::unsteady));
}

TEST(Doubts, FewSecondsCannotMove) {
  LoadReport report = example_report();
  report.seconds.rows().resize(5);
  report.seconds.rows()[4].answered = 1;

  EXPECT_THAT(kinds(report), IsEmpty());
}

TEST(Doubts, ADebugBuildIsTold) {
  LoadReport report = example_report();
  report.is_optimized = false;

  EXPECT_THAT(kinds(report), ElementsAre(DoubtKind::unoptimized_build));
}

TEST(Doubts, AFixedRateHasToBeKept) {
  LoadReport report = example_datagram_report();
  EXPECT_THAT(kinds(report), IsEmpty());
  report.datagrams->offered = 2 * report.requests.sent;

  ASSERT_THAT(kinds(report), ElementsAre(DoubtKind::rate_missed));
  EXPECT_EQ(find_doubts(report)[0].text,
            "only 50.0 % of what was due could be sent: the generator is the limit; try --shards "
            "2, or a lower rate");
}

TEST(Doubts, ALateGeneratorMakesLatency) {
  LoadReport report = example_datagram_report();
  report.datagrams->send_lag.record_n(110'000, 5'000);

  ASSERT_THAT(kinds(report), ElementsAre(DoubtKind::send_lag));
  EXPECT_EQ(find_doubts(report)[0].text,
            "one in a hundred datagrams left 110 us after it was due: much of the latency is the "
            "generator's");
}

}  // namespace
}  // namespace weir::tools::load
