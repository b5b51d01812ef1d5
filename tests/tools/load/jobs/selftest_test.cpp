#include "tools/weir/load/jobs/selftest.h"

#include <cmath>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/weir/load/jobs/queue_proof.h"
#include "tools/weir/load/jobs/record_proof.h"
#include "tools/weir/load/jobs/selftest_report.h"
#include "tools/weir/load/jobs/stall_proof.h"
#include "tools/weir/load/stats/hlog_writer.h"
#include "tools/weir/load/stats/queueing_theory.h"

namespace weir::tools::load {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr std::uint64_t ns_per_us = 1'000;
constexpr std::uint64_t ns_per_ms = 1'000'000;

LoadReport quiet_report(const Options& options) {
  LoadReport report;
  report.options = options;
  report.machine.cpus_allowed = 2;
  report.measured = options.duration;
  return report;
}

/// What a generator sees of the server that hangs, if it counts from when requests were due.
ProofRun stall_run(const Options& options, double slower = 1) {
  ProofRun run{.report = quiet_report(options)};
  LatencySet& latency = run.report.latency;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    const std::uint64_t wait = i % 1000 < 100 ? (100 - i % 1000) * ns_per_ms : 0;
    const auto response =
        static_cast<std::uint64_t>(static_cast<double>(wait + 50 * ns_per_us) * slower);
    latency.response.record(response);
    latency.service.record(50 * ns_per_us);
  }
  run.report.requests.offered = run.report.requests.answered = 10'000;
  run.hlog = hlog_header({.start = {}}) +
             hlog_line("response", {.start = {}, .length = seconds(10)}, latency.response.all());
  return run;
}

/// One worker as Lindley's recursion has it, and a round trip.
ProofRun queue_run(const Options& options, double wait_factor = 1) {
  ProofRun run{.report = quiet_report(options)};
  const double mean = wait_factor * computed_mean_wait(options, 1e6) + 1e6 + 30e3;
  run.report.latency.response.record(static_cast<std::uint64_t>(mean));
  std::mt19937 random(1);
  std::normal_distribution<double> noise(mean, 0.1 * mean);
  for (int second = 0; second < 12; ++second) run.second_means_ns.push_back(noise(random));
  return run;
}

ProofRun echo_run(const Options& options) {
  ProofRun run{.report = quiet_report(options)};
  run.report.latency.response.record(40 * ns_per_us);
  run.report.latency.send_lag.record(300);
  run.report.requests.offered = run.report.requests.answered = 15'000;
  return run;
}

/// Every server as it should be.
std::expected<ProofRun, std::string> ideal(const ProofLoad& load) {
  if (load.service.front() == "stall") return stall_run(load.options);
  if (load.service.front() == "work") return queue_run(load.options);
  return echo_run(load.options);
}

SelftestTools tools_with(ProofRunner run) {
  return {.run = std::move(run), .elapsed = [] { return std::chrono::nanoseconds(0); }};
}

std::vector<std::string> names_of(const std::vector<ProofGroup>& groups, ProofOutcome outcome) {
  std::vector<std::string> names;
  for (const ProofGroup& group : groups) {
    for (const Proof& proof : group.proofs) {
      if (proof.outcome == outcome) names.push_back(proof.name);
    }
  }
  return names;
}

TEST(Proof, OnlyWhatIsTooHighIsExcused) {
  const Excuse busy{"it was busy", "wait"};
  const auto judged = [](double value, const std::optional<Excuse>& excuse) {
    return judge({.value = value, .limits = {.low = 1, .high = 2}}, excuse).outcome;
  };

  EXPECT_EQ(judged(1.5, busy), ProofOutcome::passed);
  EXPECT_EQ(judged(3, busy), ProofOutcome::inconclusive);
  EXPECT_EQ(judged(3, std::nullopt), ProofOutcome::failed);
  EXPECT_EQ(judged(0.5, busy), ProofOutcome::failed);
  EXPECT_EQ(judged(std::nan(""), busy), ProofOutcome::failed);
}

TEST(Proof, TheMachineIsToBlameIfOthersTookItsProcessors) {
  LoadReport report = quiet_report({});
  EXPECT_FALSE(find_excuse(report, ExcusedBy::any_veto));

  report.host.cpu_pressure_share = 0.2;
  EXPECT_THAT(find_excuse(report, ExcusedBy::machine)->reason, HasSubstr("20.0 %"));
  report.host.cpu_pressure_share.reset();
  report.trust.push_back({.rule = TrustRule::send_lag, .ok = false, .text = "late"});

  EXPECT_FALSE(find_excuse(report, ExcusedBy::machine));
  EXPECT_EQ(find_excuse(report, ExcusedBy::any_veto)->reason, "late");
}

TEST(StallProof, FailsAGeneratorThatLeavesOutWhatItCouldNotSend) {
  ProofRun run = stall_run(stall_load({}, 10, seconds(10)).options);
  run.report.latency.response = run.report.latency.service;

  const ProofGroup group = prove_stall(run);

  EXPECT_THAT(
      names_of({group}, ProofOutcome::failed),
      testing::ElementsAre("response p99", "response p99.9", "response max", "response mean"));
}

TEST(QueueProof, ComputedWaitsAreThoseOfTheory) {
  const Options options = proof_options({}, Arrival::Kind::poisson, 700, seconds(2'000));

  const double wait = computed_mean_wait(options, 1e6);

  EXPECT_NEAR(wait, md1_mean_wait({.utilisation = 0.7, .service_time = 1e6}), 0.02 * wait);
}

TEST(QueueProof, ReadsWhatTheServerAdmits) {
  EXPECT_NEAR(admitted_excess_ns("weir serve work: 8 requests, busy 1.0 % of 1 s, longest queue 1, "
                                 "service 1025.2 us on average (drawn 1000.0, CV 0.426), ..."),
              25'200, 1);
  EXPECT_EQ(admitted_excess_ns("weir serve echo: nothing"), 0);
}

TEST(QueueProof, AnIntervalTakesTenBatches) {
  EXPECT_FALSE(batch_half_width(std::vector<double>(9, 1.0)));
  EXPECT_EQ(batch_half_width(std::vector<double>(10, 1.0)), 0);
}

TEST(RecordProof, FindsALogThatIsNotTheRuns) {
  ProofRun run = stall_run(stall_load({}, 10, seconds(10)).options);
  EXPECT_EQ(prove_hlog(run).proofs.front().outcome, ProofOutcome::passed);

  run.report.latency.response.record(7 * ns_per_ms);
  EXPECT_EQ(prove_hlog(run).proofs.front().outcome, ProofOutcome::failed);
  run.hlog = "nonsense";
  EXPECT_EQ(prove_hlog(run).proofs.front().outcome, ProofOutcome::failed);
}

TEST(Selftest, PassesAnIdealGenerator) {
  const auto result = selftest({}, tools_with(ideal));

  ASSERT_TRUE(result);
  EXPECT_EQ(names_of(result->groups, ProofOutcome::passed).size(), 22U);
  EXPECT_EQ(verdict_of(*result), SelftestVerdict::passed);
  EXPECT_EQ(exit_code_of(*result, /*is_strict=*/true), ExitCode::done);
  EXPECT_THAT(selftest_text(*result, seconds(40), {}), HasSubstr("PASSED  22 of 22 in 40.0 s"));
}

TEST(Selftest, RepeatsOnceWhatChanceMayExplain) {
  unsigned runs = 0;
  const auto slow_once = [&runs](const ProofLoad& load) {
    if (load.service.front() == "work" && ++runs == 1) {
      return std::expected<ProofRun, std::string>(queue_run(load.options, 3));
    }
    return ideal(load);
  };

  const auto result = selftest({}, tools_with(slow_once));

  ASSERT_TRUE(result);
  EXPECT_EQ(runs, 2U);
  EXPECT_EQ(verdict_of(*result), SelftestVerdict::passed);
  EXPECT_THAT(selftest_text(*result, seconds(40), {}), HasSubstr("(second try)"));
}

TEST(Selftest, DoesNotRepeatAwayWhatNoMachineExplains) {
  unsigned runs = 0;
  const auto too_fast = [&runs](const ProofLoad& load) {
    if (load.service.front() != "work") return ideal(load);
    ++runs;
    ProofRun run = queue_run(load.options, 0.5);
    run.report.host.cpu_pressure_share = 0.5;
    return std::expected<ProofRun, std::string>(std::move(run));
  };

  const auto result = selftest({}, tools_with(too_fast));

  ASSERT_TRUE(result);
  EXPECT_EQ(runs, 1U);
  EXPECT_EQ(exit_code_of(*result, /*is_strict=*/false), ExitCode::untrusted);
}

TEST(Selftest, ABusyMachineIsNoFailureUnlessStrict) {
  const auto busy = [](const ProofLoad& load) {
    auto run = ideal(load);
    if (load.service.front() == "stall") run = stall_run(load.options, 1.2);
    run->report.host.steal_share = 0.3;
    return run;
  };

  const auto result = selftest({}, tools_with(busy));

  ASSERT_TRUE(result);
  EXPECT_EQ(verdict_of(*result), SelftestVerdict::inconclusive);
  EXPECT_EQ(exit_code_of(*result, /*is_strict=*/false), ExitCode::done);
  EXPECT_EQ(exit_code_of(*result, /*is_strict=*/true), ExitCode::untrusted);
  EXPECT_THAT(selftest_text(*result, seconds(40), {}), HasSubstr("the hypervisor took 30.0 %"));
}

TEST(Selftest, AnInterruptEndsIt) {
  const auto interrupted = [](const ProofLoad& load) {
    auto run = ideal(load);
    run->report.interrupted = load.service.front() == "stall";
    return run;
  };

  const auto result = selftest({}, tools_with(interrupted));

  ASSERT_TRUE(result);
  EXPECT_EQ(exit_code_of(*result, /*is_strict=*/false), ExitCode::interrupted);
}

TEST(Selftest, AServerThatDoesNotStartIsSaid) {
  const auto result =
      selftest({}, tools_with([](const ProofLoad&) {
                 return std::expected<ProofRun, std::string>(std::unexpected("no server"));
               }));

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), "no server");
}

}  // namespace
}  // namespace weir::tools::load
