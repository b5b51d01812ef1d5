#include "tools/weir/load/engine/gap_summary.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "tools/weir/load/engine/shared_schedule.h"
#include "tools/weir/load/trust/trust_rules.h"

namespace weir::tools::load {
namespace {

using namespace std::chrono_literals;

Options options_of(Arrival::Kind kind, double rate, double rate_at_end) {
  Options options;
  options.rate = rate;
  options.open = OpenLoad{.shape = RateShape({.first = rate, .last = rate_at_end}, 1s),
                          .arrival = {.kind = kind}};
  return options;
}

/// The gaps of the flows that take a schedule's requests in turn, each of its own.
GapStatistics gaps_of(const Options& options, std::uint32_t flows, std::uint64_t seed) {
  SharedSchedule schedule(Schedule(options.open->shape, options.open->arrival, seed),
                          {.first = 0, .here = flows, .all = flows});
  GapStatistics all;
  for (std::uint32_t flow = 0; flow < flows; ++flow) {
    GapStatistics own;
    while (const auto due = schedule.next(flow)) own.add_event(due->time);
    all.merge(own);
  }
  return all;
}

TEST(GapSummary, KnowsTheGapsOfPartsOfASchedule) {
  for (const std::uint32_t flows : {1U, 2U, 16U}) {
    for (const auto kind : {Arrival::Kind::poisson, Arrival::Kind::uniform, Arrival::Kind::fixed}) {
      const Options options = options_of(kind, 20'000, 20'000);

      const GapSummary summary = summary_of(gaps_of(options, flows, /*seed=*/3), options, flows);

      EXPECT_NEAR(static_cast<double>(summary.count), 20'000, 600);
      EXPECT_EQ(summary.parts, flows);
      EXPECT_NEAR(summary.mean_ratio, 1, 0.03);
      ASSERT_TRUE(summary.cv_wanted);
      EXPECT_NEAR(*summary.cv_wanted, gap_variation({.kind = kind}) / std::sqrt(flows), 1e-9);
      EXPECT_NEAR(summary.cv, *summary.cv_wanted, 0.03);
    }
  }
}

TEST(GapSummary, OfAChangingRateOnlyTheVariationIsKnown) {
  const Options options = options_of(Arrival::Kind::poisson, 1'000, 20'000);

  const GapSummary summary = summary_of(gaps_of(options, 1, /*seed=*/3), options, 1);

  EXPECT_GT(summary.cv, 1);
  EXPECT_EQ(summary.mean_ratio, 1);
  EXPECT_FALSE(summary.cv_wanted);
}

TEST(GapSummary, ChanceFailsNoRunHoweverManyShareItsSchedule) {
  for (const std::uint32_t flows : {1U, 8U, 64U}) {
    LoadReport report;
    report.options = options_of(Arrival::Kind::poisson, 1'000, 1'000);
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      report.gaps = summary_of(gaps_of(report.options, flows, seed), report.options, flows);

      const auto check = check_arrivals(report);

      ASSERT_TRUE(check);
      EXPECT_TRUE(check->ok) << flows << " flows, seed " << seed << ": " << check->text;
    }
  }
}

TEST(GapSummary, ALeftOutTenthFails) {
  const Options options = options_of(Arrival::Kind::poisson, 20'000, 20'000);
  SharedSchedule schedule(Schedule(options.open->shape, options.open->arrival, /*seed=*/3), {});
  GapStatistics gaps;
  while (const auto due = schedule.next(0)) {
    if (due->number % 10 != 0) gaps.add_event(due->time);
  }
  LoadReport report;
  report.options = options;
  report.gaps = summary_of(gaps, options, 1);

  const auto check = check_arrivals(report);

  ASSERT_TRUE(check);
  EXPECT_FALSE(check->ok) << check->text;
}

}  // namespace
}  // namespace weir::tools::load
