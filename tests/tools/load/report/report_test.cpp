#include "tools/weir/load/report/report.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/tools/support/example_report.h"

namespace weir::tools::load {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

LoadReport failed_report() {
  LoadReport report = example_report();
  report.errors.add(ErrorKind::mismatch,
                    "connection 3, message 17, byte 5: expected 0x41, found 0x00");
  report.errors.add(ErrorKind::reset, "connection reset by peer", 1'234);
  return report;
}

LoadReport refused_report() {
  LoadReport report = example_report();
  report.requests.answered = report.requests.sent = report.requests.sent_bytes =
      report.requests.received_bytes = 0;
  report.connections.established = 0;
  report.measured = 0s;
  report.cpu_time = 0s;
  report.latency.service.reset();
  report.seconds = {};
  report.errors.add(ErrorKind::connect, "connection refused", 8);
  return report;
}

TEST(LoadReport, JudgesTheRun) {
  LoadReport interrupted = example_report();
  interrupted.interrupted = true;
  LoadReport interrupted_with_errors = failed_report();
  interrupted_with_errors.interrupted = true;
  LoadReport interrupted_at_once = refused_report();
  interrupted_at_once.interrupted = true;
  interrupted_at_once.errors = {};

  EXPECT_EQ(verdict_of(example_report()), Verdict::ok);
  EXPECT_EQ(verdict_of(failed_report()), Verdict::failed);
  EXPECT_EQ(verdict_of(refused_report()), Verdict::nothing_succeeded);
  EXPECT_EQ(exit_code_of(example_report()), ExitCode::done);
  EXPECT_EQ(exit_code_of(failed_report()), ExitCode::run_failed);
  EXPECT_EQ(exit_code_of(refused_report()), ExitCode::nothing_succeeded);
  EXPECT_EQ(exit_code_of(interrupted), ExitCode::interrupted);
  EXPECT_EQ(exit_code_of(interrupted_with_errors), ExitCode::interrupted);
  EXPECT_EQ(exit_code_of(interrupted_at_once), ExitCode::interrupted);
}

TEST(LoadReport, RatesOverTheMeasuredTime) {
  EXPECT_DOUBLE_EQ(rate_of(example_report()), 10'000);
  EXPECT_DOUBLE_EQ(rate_of(refused_report()), 0);
}

TEST(LoadReport, TextOfAGoodRun) {
  EXPECT_EQ(report_text(example_report(), {}),
            R"(weir load  tcp://127.0.0.1:9000
  closed loop: 8 connections with 1 in flight each, 64 B a message
  io_uring, 1 shard, weir 0.1.0 (GCC 12.2.0, release)
  Linux 6.18.5, 2 CPUs, AMD EPYC

OK  100 000 answers in 10.0 s  10 000/s  every byte checked

                      p50        p90        p99      p99.9     p99.99        max
  service          100 us     140 us     149 us     150 us     2.0 ms     2.0 ms
  95 % CI      p50 100 us, p99 149 us, p99.9 150 us to 2.0 ms
  service: sent to answered

       46 us |################
       66 us |############################
       93 us |######################################## p50 100 us
   >= 131 us |####################                     p99 149 us p99.9 150 us

  throughput   625 KiB/s out, 625 KiB/s in
  each second  10 000 to 10 000 answers, median 10 000
  generator    41 % of one CPU, 41 us a request

Next   weir load tcp://127.0.0.1:9000 --rate 5000
)");
}

TEST(LoadReport, TextOfAnOpenLoopTakesLatencyApart) {
  const std::string text = report_text(example_open_report(), {});

  EXPECT_THAT(text, HasSubstr(R"(
OK  99 995 answers in 10.0 s  10 000/s of 10 000/s offered (100.0 %)  5 errors

                      p50        p90        p99      p99.9     p99.99        max
  response         100 us     140 us     149 us     2.0 ms     2.0 ms   >= 5.0 s
  service          100 us     140 us     149 us     2.0 ms     2.0 ms   >= 5.0 s
  kernel RTT        38 us      48 us      50 us    (50 us)    (50 us)      50 us
  send lag         2.6 us     8.1 us     9.8 us      10 us      10 us      10 us
  conn wait          0 ns       0 ns       0 ns       0 ns       0 ns       0 ns
  95 % CI      p50 100 us, p99 149 us, p99.9 150 us to 2.0 ms
  response: due to answered; service: sent to answered; kernel RTT: between
  kernel timestamps, sampled; send lag: generator late; conn wait: due, no
  connection free
)"));
  EXPECT_THAT(text, HasSubstr(R"(
  requests     100 000 due, 0 dropped, 5 timed out, 0 pending
  throughput   625 KiB/s out, 625 KiB/s in
  each second  9 998 to 10 000 answers, median 9 999
  generator    25 % of one CPU, 25 us a request; another 15 % polled for due
               times
  server       pid 812, 63 % of one CPU
  host         TcpExt.TCPTimeouts +3
  timeout      5 errors; the first: connection 2: no answer within 5 s

TRUST  ok, 2 of 2 checks, offered rate 100 %, send lag 9.4 us
SLO    pass  p99<2ms: 149 us
SLO    pass  err<0.1%: 0.005 %
Next   weir load sweep tcp://127.0.0.1:9000 --rates 5000,10k,20k --codec=len32
)"));
}

TEST(LoadReport, TextInUtf8AndColour) {
  const std::string text = report_text(example_report(), {.color = true, .utf8 = true});

  EXPECT_THAT(text, HasSubstr("\x1b[32mOK\x1b[0m"));
  EXPECT_THAT(text, HasSubstr("100 µs"));
  EXPECT_THAT(text, HasSubstr("██"));
}

TEST(LoadReport, TextOfAFailedRunHasTheFirstErrorOfEachKind) {
  const std::string text = report_text(failed_report(), {});

  EXPECT_THAT(text, HasSubstr("\nFAILED  100 000 answers in 10.0 s  10 000/s  1 235 errors\n"));
  EXPECT_THAT(text,
              HasSubstr("\n  reset        1 234 errors; the first: connection reset by peer\n"));
  EXPECT_THAT(text, HasSubstr("\n  mismatch     1 error; the first: connection 3, message 17,"));
}

TEST(LoadReport, TextOfARunWithoutAnswers) {
  const std::string text = report_text(refused_report(), {});

  EXPECT_THAT(text, HasSubstr("\nNOTHING SUCCEEDED  0 answers in 0.00 s  8 errors\n"));
  EXPECT_THAT(text, HasSubstr("connect      8 errors; the first: connection refused"));
  EXPECT_THAT(text, Not(HasSubstr("p50")));
}

TEST(LoadReport, TextTellsAnEarlyEnd) {
  LoadReport interrupted = example_report();
  interrupted.interrupted = true;
  LoadReport aborted = example_report();
  aborted.aborted = true;

  EXPECT_THAT(report_text(interrupted, {}),
              HasSubstr("\n  interrupted: the run was longer than this\n"));
  EXPECT_THAT(report_text(aborted, {}), HasSubstr("\n  aborted: a condition of --abort-on held\n"));
}

TEST(LoadReport, TextIsLoudAboutUntrustedRuns) {
  LoadReport report = example_open_report();
  report.errors = {};
  report.trust[1].ok = false;
  report.trust[1].text = "one request in a hundred left 3.0 ms late or more";
  report.trust[1].remedy = "give the generator a CPU of its own: --cpus 1";
  report.trust.push_back({.rule = TrustRule::shared_cpus,
                          .ok = false,
                          .weight = TrustWeight::note,
                          .value = 1,
                          .limit = 0,
                          .unit = "count",
                          .text = "generator and server may run on the same CPU",
                          .remedy = {}});

  const std::string text = report_text(report, {});

  EXPECT_THAT(text, HasSubstr("\nUNTRUSTED  99 995 answers in 10.0 s"));
  EXPECT_THAT(text, HasSubstr("\nUNTRUSTED:  one request in a hundred left 3.0 ms late or more; "
                              "give the\n            generator a CPU of its own: --cpus 1\n"));
  EXPECT_THAT(text, HasSubstr("\nNOTE   generator and server may run on the same CPU\n"));
  EXPECT_THAT(text, Not(HasSubstr("Next")));
}

TEST(LoadReport, TextSaysThatTheServerIsTheLimit) {
  LoadReport report = example_open_report();
  report.errors = {};
  report.slo = {};
  report.requests.offered = 200'000;
  report.requests.dropped = 100'000;

  const std::string text = report_text(report, {});

  EXPECT_THAT(text, HasSubstr("\nSATURATED  99 995 answers in 10.0 s  10 000/s of 20 000/s offered "
                              "(50.0 %)\n  every byte checked\n  the server is the limit: "));
  EXPECT_THAT(text, HasSubstr("\n  requests     200 000 due, 100 000 dropped, 5 timed out, 0 "
                              "pending\n"));
  EXPECT_THAT(text, HasSubstr("\nNext   weir load find-max "));
}

TEST(LoadReport, TextPutsUncertainPercentilesInParentheses) {
  LoadReport report = example_report();
  report.latency.service.reset();
  for (std::uint64_t i = 1; i <= 1000; ++i) report.latency.service.record(i * 1000);

  const std::string text = report_text(report, {});

  EXPECT_THAT(text, HasSubstr(" 990 us   (999 us)   (1.0 ms)     1.0 ms\n"));
}

TEST(LoadReport, TextFitsEightyColumns) {
  LoadReport report = failed_report();
  report.options.connections = 1'000'000;
  report.options.depth = 65'536;
  report.options.shards = 256;
  report.machine.cpu_model = "A processor with a name that somebody in marketing was very fond of";
  report.measured = 24h;
  report.requests.answered = 10'000'000'000'000;

  std::istringstream lines(report_text(report, {}));

  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
}

TEST(LoadReport, JsonHasTheSchemaOfTheTool) {
  const auto document = nlohmann::json::parse(report_json(example_report()));

  EXPECT_EQ(document["schema"], "weir.load/1");
  EXPECT_EQ(document["verdict"], "ok");
  EXPECT_EQ(document["exit_code"], 0);
  EXPECT_EQ(document["config"]["target"], "tcp://127.0.0.1:9000");
  EXPECT_EQ(document["config"]["argv"].size(), 4U);
  EXPECT_EQ(document["config"]["connections"], 8);
  EXPECT_EQ(document["config"]["duration_s"], 10.0);
  EXPECT_EQ(document["env"]["backend"], "io_uring");
  EXPECT_EQ(document["env"]["kernel_release"], "6.18.5");
  const auto& phase = document["phases"][0];
  EXPECT_EQ(phase["name"], "measure");
  EXPECT_EQ(phase["dur_s"], 10.0);
  EXPECT_EQ(phase["done"], 100'000);
  EXPECT_EQ(phase["bytes"]["tx"], 6'400'000);
  EXPECT_EQ(phase["conns"]["established"], 8);
  EXPECT_EQ(phase["errors"], nlohmann::json::parse(
                                 R"({"connect":0,"reset":0,"closed":0,"mismatch":0,"timeout":0,
            "unreachable":0,"trace":0})"));
  const auto& latency = phase["latency"]["service"];
  EXPECT_EQ(latency["unit"], "ns");
  EXPECT_EQ(latency["count"], 100'000);
  EXPECT_EQ(latency["max"], 2'000'000);
  EXPECT_NEAR(latency["p"]["50"].get<double>(), 100'000, 200);
  EXPECT_NEAR(latency["p"]["99.9"].get<double>(), 150'000, 200);
  EXPECT_EQ(phase["series"]["cols"].size(), phase["series"]["rows"][0].size());
  EXPECT_EQ(phase["series"]["rows"].size(), 10U);
  EXPECT_TRUE(document["trust"].empty());
}

TEST(LoadReport, JsonOfAFailedRunHasExamples) {
  const auto document = nlohmann::json::parse(report_json(failed_report()));

  EXPECT_EQ(document["verdict"], "failed");
  EXPECT_EQ(document["exit_code"], 1);
  EXPECT_EQ(document["phases"][0]["errors"]["reset"], 1'234);
  EXPECT_EQ(document["phases"][0]["error_examples"]["reset"], "connection reset by peer");
  EXPECT_FALSE(document["phases"][0]["error_examples"].contains("timeout"));
}

TEST(LoadReport, JsonOfAnOpenLoopHasEverything) {
  const auto document = nlohmann::json::parse(report_json(example_open_report()));

  EXPECT_EQ(document["labels"]["build"], "abc123");
  EXPECT_EQ(document["config"]["rate"], 10'000);
  EXPECT_EQ(document["trust"][1]["check"], "send_lag");
  EXPECT_EQ(document["trust"][1]["ok"], true);
  EXPECT_EQ(document["trust"][1]["limit"], 100'000);
  EXPECT_EQ(document["slo"][0]["expr"], "p99<2ms");
  EXPECT_EQ(document["slo"][0]["ok"], true);
  EXPECT_EQ(document["kernel"]["TcpExt.TCPTimeouts"], 3);
  EXPECT_EQ(document["host"]["server_pid"], 812);
  const auto& phase = document["phases"][0];
  EXPECT_EQ(phase["offered"], 100'000);
  EXPECT_EQ(phase["requests"]["timed_out"], 5);
  EXPECT_EQ(phase["gaps"]["cv_wanted"], 1);
  for (const char* key :
       {"response", "service", "kernel_rtt", "send_lag", "conn_wait", "connect"}) {
    EXPECT_TRUE(phase["latency"].contains(key)) << key;
  }
  const auto& latency = phase["latency"]["response"];
  EXPECT_EQ(latency["censored"], 5);
  EXPECT_EQ(latency["lower_bounds"], nlohmann::json::array({"99.999"}));
  EXPECT_TRUE(latency["ci95"]["99.999"][1].is_null());
  EXPECT_EQ(latency["hdr"].get<std::string>().substr(0, 5), "HISTF");
  EXPECT_EQ(phase["series"]["cols"][0], "offered");
  EXPECT_EQ(phase["series"]["rows"][1][0], 10'000);
}

}  // namespace
}  // namespace weir::tools::load
