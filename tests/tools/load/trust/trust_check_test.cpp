#include "tools/weir/load/trust/trust_check.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/support/example_report.h"
#include "tests/tools/support/trust_lookup.h"

namespace weir::tools::load {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using namespace std::chrono_literals;

/// Everything a good run has: every rule applies and none fails.
LoadReport good_open_report() {
  LoadReport report = example_report();
  report.options.rate = 10'000;
  report.machine.cpus_allowed = report.machine.cpus_online = 2;
  std::swap(report.latency.response, report.latency.service);
  report.requests.offered = report.requests.sent;
  report.latency.send_lag.record_n(2'000, 100'000);
  report.latency.connection_wait.record_n(0, 100'000);
  report.gaps = {.count = 100'000, .mean_ratio = 1.001, .cv = 0.999, .cv_wanted = 1};
  report.host = {.steal_share = 0.001,
                 .cpu_pressure_share = 0.01,
                 .shard_busy_shares = {0.4},
                 .server_pid = 812,
                 .server_cpu_share = 0.5,
                 .shares_cpus = false,
                 .has_counters = true};
  for (SecondSummary& second : report.seconds.rows()) second.offered = 10'000;
  return report;
}

LoadReport good_closed_report() {
  LoadReport report = example_report();
  report.machine.cpus_allowed = report.machine.cpus_online = 2;
  report.host.shard_busy_shares = {0.4};
  return report;
}

/// Thirds of a run of nine seconds.
void set_thirds(LoadReport& report, std::chrono::nanoseconds SecondSummary::* member,
                std::array<std::chrono::nanoseconds, 3> values) {
  report.seconds.rows().resize(9);
  for (std::size_t i = 0; i < 9; ++i) report.seconds.rows()[i].*member = values[i / 3];
}

TEST(TrustCheck, AGoodRunPassesEveryRule) {
  const std::vector<TrustCheck> checks = check_trust(good_open_report());

  ASSERT_EQ(checks.size(), 13U);
  for (std::size_t i = 0; i < checks.size(); ++i) {
    EXPECT_EQ(checks[i].rule, static_cast<TrustRule>(i));
    EXPECT_TRUE(checks[i].ok) << to_text(checks[i].rule);
    EXPECT_THAT(checks[i].remedy, IsEmpty()) << to_text(checks[i].rule);
    EXPECT_THAT(checks[i].text, Not(IsEmpty())) << to_text(checks[i].rule);
    EXPECT_THAT(checks[i].unit, Not(IsEmpty())) << to_text(checks[i].rule);
  }
}

TEST(TrustCheck, AClosedLoopHasNoScheduleToKeep) {
  LoadReport report = good_closed_report();
  report.requests.offered = 2 * report.requests.sent;
  report.latency.send_lag.record_n(1'000'000'000, 1000);
  report.gaps = {.count = 1000, .mean_ratio = 2, .cv = 3, .cv_wanted = 1};

  EXPECT_THAT(failed_rules(report), IsEmpty());
  EXPECT_FALSE(check_of(report, TrustRule::offered_rate));
  EXPECT_FALSE(check_of(report, TrustRule::send_lag));
  EXPECT_FALSE(check_of(report, TrustRule::arrivals));
}

TEST(TrustCheck, WhatWasNotMeasuredIsNotJudged) {
  LoadReport report = example_report();
  report.seconds.rows().clear();

  EXPECT_THAT(failed_rules(report), IsEmpty());
  report.host = {};
  for (const TrustRule rule :
       {TrustRule::generator_busy, TrustRule::steal, TrustRule::pressure, TrustRule::kernel_drops,
        TrustRule::steady, TrustRule::shared_cpus}) {
    EXPECT_FALSE(check_of(report, rule)) << to_text(rule);
  }
}

struct Failure {
  const char* name;
  TrustRule rule;
  std::function<void(LoadReport&)> change;
  TrustWeight weight;
  double value;
  double limit;
  const char* text;
  const char* remedy;
};

void expect_failure(LoadReport report, const Failure& failure) {
  SCOPED_TRACE(failure.name);
  failure.change(report);

  const std::optional<TrustCheck> check = check_of(report, failure.rule);

  EXPECT_THAT(failed_rules(report), ::testing::ElementsAre(failure.rule));
  ASSERT_TRUE(check);
  EXPECT_EQ(check->weight, failure.weight);
  EXPECT_NEAR(check->value, failure.value, 1e-3 * failure.value);
  EXPECT_NEAR(check->limit, failure.limit, 1e-3 * failure.limit);
  EXPECT_EQ(check->text, failure.text);
  EXPECT_EQ(check->remedy, std::string("try ") + failure.remedy);
}

TEST(TrustCheck, RulesOfTheScheduleFail) {
  for (const Failure& failure :
       {Failure{"the generator could not keep up", TrustRule::offered_rate,
                [](LoadReport& r) { r.requests.sent = 97'000; }, TrustWeight::veto, 0.97, 0.98,
                "only 97.0 % of what was due was sent: the generator is the limit, not the server",
                "--shards 2, or --rate 8700"},
        Failure{"no connection was free", TrustRule::offered_rate,
                [](LoadReport& r) {
                  r.requests.sent = 61'000;
                  r.latency.connection_wait.record_n(50'000'000, 50'000);
                },
                TrustWeight::note, 0.61, 0.98,
                "only 61.0 % of what was due was sent, because no connection was free: the "
                "server, or the number of connections, is the limit",
                "--conns 16 if the server can serve more at once, else --rate 5400"},
        Failure{"late", TrustRule::send_lag,
                [](LoadReport& r) { r.latency.send_lag.record_n(150'000, 2'000); },
                TrustWeight::veto, 150'015, 100'000,
                "one in a hundred requests left 150 us or more after it could: much of the "
                "response time is the generator's",
                "--pace spin, or --shards 2"},
        Failure{"late by sleeping", TrustRule::send_lag,
                [](LoadReport& r) {
                  r.options.pace = Pace::sleep;
                  r.latency.send_lag.record_n(150'000, 2'000);
                },
                TrustWeight::veto, 150'015, 100'000,
                "one in a hundred requests left 150 us or more after it could: much of the "
                "response time is the generator's",
                "--pace hybrid"},
        Failure{"too fast", TrustRule::arrivals, [](LoadReport& r) { r.gaps.mean_ratio = 0.97; },
                TrustWeight::veto, 0.03, 0.02,
                "the mean gap between requests was 0.970 of what it should be, its variation 0.999 "
                "instead of 1.000: this was not the load that was asked for",
                "the same command with --seed 2; if it happens again, it is a fault of weir's to "
                "report"},
        Failure{"not Poisson", TrustRule::arrivals, [](LoadReport& r) { r.gaps.cv = 0.9; },
                TrustWeight::veto, 0.1, 0.02,
                "the mean gap between requests was 1.001 of what it should be, its variation 0.900 "
                "instead of 1.000: this was not the load that was asked for",
                "the same command with --seed 2; if it happens again, it is a fault of weir's to "
                "report"}}) {
    expect_failure(good_open_report(), failure);
  }
}

TEST(TrustCheck, RulesOfTheMachineFail) {
  for (const Failure& failure :
       {Failure{"busy", TrustRule::generator_busy,
                [](LoadReport& r) {
                  r.host.shard_busy_shares = {0.96};
                  r.host.seconds_busy_share = 0.8;
                },
                TrustWeight::veto, 0.8, 0.05,
                "in 80 % of the seconds a shard was over 90 % busy: answers may have waited for "
                "the generator",
                "--shards 2, or a lower --rate"},
        Failure{"busy on every processor", TrustRule::generator_busy,
                [](LoadReport& r) {
                  r.options.shards = 2;
                  r.host.seconds_busy_share = 0.8;
                },
                TrustWeight::veto, 0.8, 0.05,
                "in 80 % of the seconds a shard was over 90 % busy: answers may have waited for "
                "the generator",
                "a machine with more processors for the generator, or a lower --rate"},
        Failure{"stolen", TrustRule::steal, [](LoadReport& r) { r.host.steal_share = 0.034; },
                TrustWeight::veto, 0.034, 0.02,
                "the hypervisor took 3.4 % of the processors' time, in pauses that look like the "
                "server's",
                "the same command when `vmstat 1` shows no steal (st), or on a machine of one's "
                "own"},
        Failure{"wanted by others", TrustRule::pressure,
                [](LoadReport& r) { r.host.cpu_pressure_share = 0.25; }, TrustWeight::veto, 0.25,
                0.1,
                "in 25.0 % of the time something waited for a processor: generator and server had "
                "to share",
                "ending what else runs (`top` shows it), or fewer --shards"},
        Failure{"together on one processor", TrustRule::shared_cpus,
                [](LoadReport& r) { r.host.shares_cpus = true; }, TrustWeight::note, 1, 0,
                "generator and server may run on the same processors, and slow each other down",
                "--cpus 1 here, and `taskset -a -cp 0 812` for the server"},
        Failure{"debug", TrustRule::optimized_build, [](LoadReport& r) { r.is_optimized = false; },
                TrustWeight::veto, 1, 0,
                "this program is not a release build: its numbers mean little",
                "cmake --preset release && cmake --build build/release"}}) {
    expect_failure(good_open_report(), failure);
  }
}

TEST(TrustCheck, RulesOfTheKernelFail) {
  for (const Failure& failure :
       {Failure{"the network lost packets", TrustRule::kernel_drops,
                [](LoadReport& r) {
                  r.host.counters = {{"Tcp.RetransSegs", 90}, {"TcpExt.TCPTimeouts", 11}};
                },
                TrustWeight::veto, 11, 10,
                "the kernel dropped or repeated 11 packets on this host: TcpExt.TCPTimeouts 11",
                "a look at what the network loses: `nstat -az TcpRetransSegs TcpExtTCPTimeouts`"},
        Failure{"the server's backlog was full", TrustRule::kernel_drops,
                [](LoadReport& r) {
                  r.host.counters = {{"TcpExt.ListenDrops", 1'200},
                                     {"TcpExt.ListenOverflows", 1'200}};
                },
                TrustWeight::note, 1'200, 10,
                "the kernel dropped or repeated 1 200 packets on this host: TcpExt.ListenDrops "
                "1 200",
                "a longer backlog for the server: sysctl net.core.somaxconn=4096"},
        Failure{"a full backlog, and its SYNs sent again", TrustRule::kernel_drops,
                [](LoadReport& r) {
                  r.host.counters = {{"TcpExt.ListenDrops", 20},
                                     {"TcpExt.TCPTimeouts", 25},
                                     {"TcpExt.TCPSynRetrans", 20}};
                },
                TrustWeight::note, 25, 10,
                "the kernel dropped or repeated 25 packets on this host: TcpExt.ListenDrops 20, "
                "TcpExt.TCPTimeouts 5",
                "a look at what the network loses: `nstat -az TcpRetransSegs TcpExtTCPTimeouts`"},
        Failure{"both", TrustRule::kernel_drops,
                [](LoadReport& r) {
                  r.host.counters = {{"TcpExt.ListenDrops", 20}, {"TcpExt.TCPBacklogDrop", 11}};
                },
                TrustWeight::veto, 31, 10,
                "the kernel dropped or repeated 31 packets on this host: TcpExt.ListenDrops 20, "
                "TcpExt.TCPBacklogDrop 11",
                "a larger --rcvbuf, or fewer --conns"}}) {
    expect_failure(good_open_report(), failure);
  }
}

TEST(TrustCheck, MissingConnectionsHaveTheRemedyOfTheirCause) {
  using Case = std::pair<std::errc, const char*>;
  for (const Case& c :
       {Case{std::errc::connection_refused, "a server that takes them (Connection refused)"},
        Case{std::errc::too_many_files_open, "`ulimit -n 108`"},
        Case{std::errc::too_many_files_open_in_system, "a larger sysctl fs.file-max"},
        Case{std::errc::address_not_available,
             "more local ports (sysctl net.ipv4.ip_local_port_range), or several --source"}}) {
    const auto fail_all = [&c](LoadReport& report) {
      report.connections.established = 0;
      report.errors = {};
      report.errors.add(ErrorKind::connect, "", 8, std::make_error_code(c.first));
    };
    expect_failure(good_open_report(),
                   {"connections", TrustRule::connections, fail_all, TrustWeight::veto, 0, 8,
                    "only 0 of 8 connections were made: the load was another one", c.second});
  }
}

TEST(TrustCheck, RulesOfTheResultFail) {
  for (const Failure& failure :
       {Failure{"connections", TrustRule::connections,
                [](LoadReport& r) { r.connections.established = 7; }, TrustWeight::veto, 7, 8,
                "only 7 of 8 connections were made: the load was another one", "--conns 7"},
        Failure{"no descriptors for connections", TrustRule::connections,
                [](LoadReport& r) {
                  r.connections.established = 7;
                  r.errors = {};
                  r.errors.add(ErrorKind::connect, "", 1,
                               std::make_error_code(std::errc::too_many_files_open));
                },
                TrustWeight::veto, 7, 8,
                "only 7 of 8 connections were made: the load was another one",
                "`ulimit -n 108`, or --conns 7"},
        Failure{"idle connections", TrustRule::connections,
                [](LoadReport& r) {
                  r.connections.idle_requested = 10'000;
                  r.connections.idle_established = 9'000;
                },
                TrustWeight::veto, 9'008, 10'008,
                "only 9 008 of 10 008 connections were made: the load was another one",
                "--conns 8"},
        Failure{"clipped", TrustRule::latency_range,
                [](LoadReport& r) {
                  for (int i = 0; i < 3; ++i) r.latency.response.record(UINT64_MAX);
                },
                TrustWeight::veto, 3, 0, "3 answers took longer than an hour and count as an hour",
                "--timeout 10m"},
        Failure{"short", TrustRule::run_length, [](LoadReport& r) { r.measured = 900ms; },
                TrustWeight::note, 9e8, 1e9,
                "0.90 s is short: a cache or a timer that warms up shows", "-d 10s"},
        Failure{"the median moved a little", TrustRule::steady,
                [](LoadReport& r) { set_thirds(r, &SecondSummary::p50, {90us, 100us, 110us}); },
                TrustWeight::note, 0.1, 0.05,
                "the run was not steady: p50 of its thirds 90 us, 100 us and 110 us",
                "--warmup 10s -d 60s"},
        Failure{"the median moved", TrustRule::steady,
                [](LoadReport& r) {
                  r.warm_up = 8s;
                  r.measured = 30s;
                  set_thirds(r, &SecondSummary::p50, {100us, 100us, 160us});
                },
                TrustWeight::veto, 1.0 / 3, 0.05,
                "the run was not steady: p50 of its thirds 100 us, 100 us and 160 us",
                "--warmup 16s -d 90s"},
        Failure{"the tail moved", TrustRule::steady,
                [](LoadReport& r) { set_thirds(r, &SecondSummary::p99, {1ms, 2ms, 3ms}); },
                TrustWeight::note, 0.5, 0.2,
                "the run was not steady: p99 of its thirds 1.0 ms, 2.0 ms and 3.0 ms",
                "--warmup 10s -d 60s"}}) {
    expect_failure(good_open_report(), failure);
  }
}

TEST(TrustCheck, LimitsThemselvesPass) {
  LoadReport report = good_open_report();
  report.requests.sent = 98'000;
  report.host.seconds_busy_share = 0.05;
  report.host.steal_share = 0.02;
  report.host.cpu_pressure_share = 0.1;
  report.host.counters = {{"TcpExt.TCPTimeouts", 9}};
  report.measured = 1s;
  report.gaps.mean_ratio = 1.0199;
  report.gaps.cv = 0.9801;
  set_thirds(report, &SecondSummary::p50, {96us, 100us, 104us});
  set_thirds(report, &SecondSummary::p99, {170us, 200us, 230us});

  EXPECT_THAT(failed_rules(report), IsEmpty());
}

TEST(TrustCheck, ALagIsJudgedByTheResponseTimeItIsPartOf) {
  LoadReport report = good_open_report();
  report.latency.send_lag.record_n(150'000, 2'000);
  ASSERT_FALSE(check_of(report, TrustRule::send_lag)->ok);

  for (int i = 0; i < 5'000; ++i) report.latency.response.record(1'000'000);

  const std::optional<TrustCheck> check = check_of(report, TrustRule::send_lag);
  EXPECT_TRUE(check->ok);
  EXPECT_NEAR(check->limit, 200'000, 1'000);
  EXPECT_EQ(check->text, "send lag p99 150 us");
}

TEST(TrustCheck, AnInterruptedRunDidNotHaveToSendEverything) {
  LoadReport report = good_open_report();
  report.interrupted = true;
  report.requests.sent = 50'000;

  EXPECT_FALSE(check_of(report, TrustRule::offered_rate));
}

TEST(TrustCheck, WhatNobodyAnsweredWasNotTooMuchForTheGenerator) {
  LoadReport report = good_open_report();
  report.requests.offered = 2 * report.requests.sent;
  report.latency.send_lag.record_n(1'000'000'000, 1'000'000);
  report.requests.answered = 0;

  EXPECT_FALSE(check_of(report, TrustRule::offered_rate));
  EXPECT_FALSE(check_of(report, TrustRule::send_lag));
}

TEST(TrustCheck, FewGapsMayDifferByChance) {
  LoadReport report = good_open_report();
  report.gaps = {.count = 1'000, .mean_ratio = 1.1, .cv = 0.9, .cv_wanted = 1};
  EXPECT_TRUE(check_of(report, TrustRule::arrivals)->ok);
  EXPECT_NEAR(check_of(report, TrustRule::arrivals)->limit, 0.1265, 1e-4);

  report.gaps.count = 10'000;
  EXPECT_FALSE(check_of(report, TrustRule::arrivals)->ok);

  // Eight parts of a schedule in turn know no more than the whole, though their gaps are more even.
  report.gaps = {
      .count = 1'000, .parts = 8, .mean_ratio = 1.1, .cv = 0.36, .cv_wanted = std::sqrt(1.0 / 8)};
  EXPECT_TRUE(check_of(report, TrustRule::arrivals)->ok);
  EXPECT_NEAR(check_of(report, TrustRule::arrivals)->limit, 0.1265, 1e-4);

  // Gaps that are all alike leave nothing to chance.
  report.gaps = {.count = 1'000, .mean_ratio = 1, .cv = 0.03, .cv_wanted = 0};
  EXPECT_FALSE(check_of(report, TrustRule::arrivals)->ok);
}

TEST(TrustCheck, OfATraceNobodyKnowsTheGaps) {
  LoadReport report = good_open_report();
  report.gaps = {.count = 100'000, .mean_ratio = 1, .cv = 7};

  EXPECT_FALSE(check_of(report, TrustRule::arrivals));
}

TEST(TrustCheck, ARateThatWasMeantToChangeIsNotUnsteady) {
  LoadReport report = good_open_report();
  set_thirds(report, &SecondSummary::p50, {100us, 200us, 300us});
  ASSERT_FALSE(check_of(report, TrustRule::steady)->ok);

  for (std::size_t i = 0; i < 9; ++i) report.seconds.rows()[i].offered = 1'000 * (1 + i);

  EXPECT_FALSE(check_of(report, TrustRule::steady));
}

TEST(TrustCheck, AClosedLoopHasToBeSteadyToo) {
  LoadReport report = good_closed_report();
  for (std::size_t i = 0; i < 10; ++i) report.seconds.rows()[i].offered = 1'000 * (1 + i);
  set_thirds(report, &SecondSummary::p50, {100us, 200us, 300us});

  EXPECT_FALSE(check_of(report, TrustRule::steady)->ok);
}

TEST(TrustCheck, AQueueThatGrowsIsTheServersDoing) {
  LoadReport report = good_open_report();
  set_thirds(report, &SecondSummary::p50, {1s, 2s, 3s});
  ASSERT_EQ(check_of(report, TrustRule::steady)->weight, TrustWeight::veto);

  report.latency.connection_wait.record_n(2'000'000'000, 200'000);

  EXPECT_FALSE(check_of(report, TrustRule::steady)->ok);
  EXPECT_EQ(check_of(report, TrustRule::steady)->weight, TrustWeight::note);
}

TEST(TrustCheck, OneSlowSecondIsPartOfASteadyRun) {
  LoadReport report = good_open_report();
  report.seconds.rows()[4].p50 = 2ms;
  report.seconds.rows()[4].p99 = 20ms;

  EXPECT_TRUE(check_of(report, TrustRule::steady)->ok);
}

TEST(TrustCheck, FewSecondsOrAnswersSayNothingAboutSteadiness) {
  LoadReport short_run = good_open_report();
  set_thirds(short_run, &SecondSummary::p50, {100us, 200us, 300us});
  LoadReport slow_run = short_run;
  short_run.seconds.rows().resize(5);
  for (SecondSummary& second : slow_run.seconds.rows()) second.answered = 40;

  EXPECT_FALSE(check_of(short_run, TrustRule::steady));
  EXPECT_FALSE(check_of(slow_run, TrustRule::steady));
}

TEST(TrustCheck, FewAnswersSayNothingAboutTheirTail) {
  LoadReport report = good_open_report();
  set_thirds(report, &SecondSummary::p99, {1ms, 2ms, 3ms});
  for (SecondSummary& second : report.seconds.rows()) second.answered = 499;

  EXPECT_TRUE(check_of(report, TrustRule::steady)->ok);
}

TEST(TrustCheck, ARunThatNeverBeganIsShortAndLacksConnections) {
  LoadReport report;
  report.options.rate = 10'000;

  EXPECT_THAT(failed_rules(report),
              ::testing::ElementsAre(TrustRule::connections, TrustRule::run_length));
}

TEST(TrustCheck, StallsOfNaglesAlgorithmAreANoteWithTheRemedy) {
  LoadReport report = good_closed_report();
  report.options.sockets.nodelay = false;
  EXPECT_TRUE(check_of(report, TrustRule::nagle_stalls)->ok);
  report.nagle_stalls = 2;

  const std::optional<TrustCheck> check = check_of(report, TrustRule::nagle_stalls);

  ASSERT_TRUE(check);
  EXPECT_FALSE(check->ok);
  EXPECT_EQ(check->weight, TrustWeight::note);
  EXPECT_EQ(check->value, 2);
  EXPECT_THAT(check->text, HasSubstr("2 connections"));
  EXPECT_EQ(check->remedy, "try --nodelay on");
}

TEST(TrustCheck, WithNodelayThereIsNoNagleToJudge) {
  LoadReport report = good_closed_report();
  EXPECT_FALSE(check_of(report, TrustRule::nagle_stalls));

  report.options.sockets.nodelay = true;

  EXPECT_FALSE(check_of(report, TrustRule::nagle_stalls));
}

TEST(TrustCheck, RulesHaveNamesOfTheirOwn) {
  EXPECT_EQ(to_text(TrustRule::offered_rate), "offered_rate");
  EXPECT_EQ(to_text(TrustRule::kernel_drops), "kernel_drops");
  EXPECT_EQ(to_text(TrustRule::optimized_build), "optimized_build");
  EXPECT_EQ(to_text(TrustRule::socket_buffers), "socket_buffers");
  EXPECT_EQ(to_text(TrustRule::nagle_stalls), "nagle_stalls");
}

}  // namespace
}  // namespace weir::tools::load
