#include "tools/weir/load/jobs/trial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/load/jobs/simulated_server.h"

namespace weir::tools::load {
namespace {

LoadReport report_of(const ServerAnswer& answer) {
  Simulation simulation({.answer = [answer](double) { return answer; }, .latency_noise = 0}, 1);
  return simulation.run(simulated_options("p99<5ms"));
}

void add_veto(LoadReport& report, TrustRule rule) {
  report.trust.push_back({.rule = rule, .ok = false, .text = "why", .remedy = "what to do"});
}

TEST(Trial, HoldsWhatKeepsItsGoalsAtTheWholeRate) {
  const Trial held = judge_trial(report_of({.p50_us = 100, .p99_us = 400}));
  const Trial slow = judge_trial(report_of({.p50_us = 100, .p99_us = 6'000}));
  const Trial saturated =
      judge_trial(report_of({.p50_us = 100, .p99_us = 400, .answered_share = 0.9}));

  EXPECT_EQ(held.outcome, TrialOutcome::held);
  EXPECT_EQ(held.reason, "");
  EXPECT_EQ(slow.outcome, TrialOutcome::failed);
  EXPECT_THAT(slow.reason, testing::StartsWith("p99<5ms: 6"));
  EXPECT_EQ(saturated.outcome, TrialOutcome::failed);
  EXPECT_THAT(saturated.reason, testing::StartsWith("saturated: 900/s of 1 000/s"));
}

TEST(Trial, PercentilesOfSingleSamplesStandInParentheses) {
  LoadReport report = report_of({.p50_us = 100, .p99_us = 400});
  report.latency.response.reset();
  for (int i = 0; i < 100; ++i) report.latency.response.record(100'000);

  const std::string line = trial_line(judge_trial(report), {});

  EXPECT_THAT(line, testing::HasSubstr("p50 100 us  p99 (100 us)"));
}

TEST(Trial, AFailureThatMayBeTheMachinesIsDoubtful) {
  for (const TrustRule rule : {TrustRule::send_lag, TrustRule::steal, TrustRule::arrivals}) {
    LoadReport report = report_of({.p50_us = 100, .p99_us = 6'000});
    add_veto(report, rule);

    EXPECT_EQ(judge_trial(report).outcome, TrialOutcome::doubtful) << to_text(rule);
    EXPECT_EQ(judge_trial(report).remedy, "what to do") << to_text(rule);
  }
}

TEST(Trial, WhatHoldsThoughThisSideWasLateHolds) {
  for (const TrustRule rule :
       {TrustRule::send_lag, TrustRule::generator_busy, TrustRule::steal, TrustRule::pressure}) {
    LoadReport report = report_of({.p50_us = 100, .p99_us = 400});
    add_veto(report, rule);

    EXPECT_EQ(judge_trial(report).outcome, TrialOutcome::held) << to_text(rule);
  }
}

TEST(Trial, WhatHoldsUnderAnotherLoadThanWasAskedForIsDoubtful) {
  for (const TrustRule rule :
       {TrustRule::offered_rate, TrustRule::arrivals, TrustRule::connections}) {
    LoadReport report = report_of({.p50_us = 100, .p99_us = 400});
    add_veto(report, TrustRule::send_lag);
    add_veto(report, rule);

    EXPECT_EQ(judge_trial(report).outcome, TrialOutcome::doubtful) << to_text(rule);
  }
}

TEST(Trial, AQueueThatGrowsIsAFailureThoughNotSteady) {
  LoadReport growing = report_of({.p50_us = 100, .p99_us = 6'000});
  LoadReport wavering = report_of({.p50_us = 100, .p99_us = 400});
  add_veto(growing, TrustRule::steady);
  add_veto(wavering, TrustRule::steady);

  EXPECT_EQ(judge_trial(growing).outcome, TrialOutcome::failed);
  EXPECT_EQ(judge_trial(wavering).outcome, TrialOutcome::doubtful);
}

TEST(Trial, ErrorsFailUnlessAGoalAllowsThem) {
  LoadReport report = report_of({.p50_us = 100, .p99_us = 400});
  report.errors.add(ErrorKind::reset, "connection 1: reset by peer");
  LoadReport allowed = report;
  allowed.slo.push_back({.term = {.metric = SloMetric::error_share, .text = "err<1%"}, .ok = true});

  EXPECT_EQ(judge_trial(report).outcome, TrialOutcome::failed);
  EXPECT_THAT(judge_trial(report).reason, testing::HasSubstr("reset by peer"));
  EXPECT_EQ(judge_trial(allowed).outcome, TrialOutcome::held);
}

}  // namespace
}  // namespace weir::tools::load
