// The reports of runs with datagrams: text, JSON, verdict.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/tools/support/example_report.h"
#include "tools/weir/load/report/report.h"

namespace weir::tools::load {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

LoadReport lossless_report() {
  LoadReport report = example_datagram_report();
  report.requests.answered = report.requests.sent;
  report.datagrams->counts.lost = report.datagrams->counts.loss_bursts = 0;
  report.datagrams->counts.unique = report.requests.sent;
  report.datagrams->peer_drops = 0;
  report.datagrams->host_after = report.datagrams->host_before;
  return report;
}

TEST(DatagramReport, LossIsAResultAndNotAnError) {
  LoadReport damaged = example_datagram_report();
  damaged.errors.add(ErrorKind::mismatch, "socket 0: datagram 17, byte 40: ...");

  EXPECT_EQ(verdict_of(example_datagram_report()), Verdict::lossy);
  EXPECT_EQ(exit_code_of(example_datagram_report()), ExitCode::done);
  EXPECT_EQ(verdict_of(lossless_report()), Verdict::ok);
  EXPECT_EQ(verdict_of(damaged), Verdict::failed);
  EXPECT_EQ(exit_code_of(damaged), ExitCode::run_failed);
}

TEST(DatagramReport, TextOfALossyRun) {
  const std::string text = report_text(example_datagram_report(), {});

  EXPECT_THAT(text, HasSubstr("weir load  udp://127.0.0.1:9000\n"
                              "  open loop: 10 000/s fixed over 1 socket, 64 B a datagram\n"));
  EXPECT_THAT(text, HasSubstr("\nLOSSY  90 000 answers in 10.0 s  9 000/s  10 000 lost  every "
                              "byte checked\n"));
  EXPECT_THAT(text, HasSubstr(R"(
  sent         100 000 datagrams, 10 000/s, 5.1 Mbit/s
  answered     90 000 datagrams, 9 000/s, 4.6 Mbit/s
  lost         10 000 (10 %) in 10 000 bursts, the longest of 1
  came         0 twice, 0 reordered, 0 late, 0 damaged, 0 foreign
  send lag     p50 20 us, p99 20 us, p99.9 20 us, max 20 us; latency counts from
               when it was due
)"));
  EXPECT_THAT(text, HasSubstr(R"(
Who lost what
  our queue                        0  received, but not read in time
  our socket buffer                0  full (SO_RXQ_OVFL)
  server's buffer             10 000  full (/proc/net/udp)
  late                             0  came after 1.00 s
  damaged                          0  came back with other bytes
  network or server                0  no counter here knows
  this host    InErrors +10 000, RcvbufErrors +10 000, of all sockets
)"));
}

TEST(DatagramReport, TextIsShortWhereNothingWasLost) {
  const std::string text = report_text(lossless_report(), {});

  EXPECT_THAT(text, HasSubstr("\nOK  100 000 answers in 10.0 s  10 000/s  every byte checked\n"));
  EXPECT_THAT(text, HasSubstr("\n  lost         0 (0 %)\n"));
  EXPECT_THAT(text, Not(HasSubstr("Who lost what")));
}

TEST(DatagramReport, TextSaysWhatCouldNotBeSentOrKnown) {
  LoadReport report = example_datagram_report();
  report.requests.offered = 120'000;
  report.datagrams->peer_drops.reset();
  report.datagrams->under_way = 12;

  const std::string text = report_text(report, {});

  EXPECT_THAT(text, HasSubstr("sent         100 000 datagrams of 120 000 that were due"));
  EXPECT_THAT(text, HasSubstr("?  not a socket that this host shows"));
  EXPECT_THAT(text, HasSubstr("under way    12 when the run ended"));
}

TEST(DatagramReport, TextOfOneWay) {
  LoadReport report = lossless_report();
  report.options.answers = Answers::none;
  report.requests.answered = 0;
  report.latency.response.reset();

  const std::string text = report_text(report, {});

  EXPECT_EQ(verdict_of(report), Verdict::ok);
  EXPECT_THAT(text, HasSubstr("\nOK  100 000 datagrams sent\n"));
  EXPECT_THAT(text, Not(HasSubstr("answered")));
}

TEST(DatagramReport, OneWayWhatWasNotRefusedSucceeded) {
  LoadReport report = lossless_report();
  report.options.answers = Answers::none;
  report.requests.answered = 0;
  report.errors.add(ErrorKind::unreachable, "nobody listens");
  report.requests.failed = report.requests.sent;
  LoadReport partly = report;
  --partly.requests.failed;

  EXPECT_EQ(verdict_of(report), Verdict::nothing_succeeded);
  EXPECT_EQ(exit_code_of(report), ExitCode::nothing_succeeded);
  EXPECT_EQ(verdict_of(partly), Verdict::failed);
  EXPECT_EQ(exit_code_of(partly), ExitCode::run_failed);
}

TEST(DatagramReport, FitsATerminal) {
  std::istringstream lines(report_text(example_datagram_report(), {}));

  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
}

TEST(DatagramReport, JsonHasTheSameCounts) {
  const json report = json::parse(report_json(example_datagram_report()));

  EXPECT_EQ(report["verdict"], "lossy");
  EXPECT_EQ(report["exit_code"], 0);
  EXPECT_EQ(report["config"]["load"], "rate");
  EXPECT_FALSE(report["config"].contains("timeout_s"));
  EXPECT_EQ(report["config"]["rate"], 10'000);
  EXPECT_EQ(report["config"]["lost_after_s"], 1.0);
  const json& phase = report["phases"][0];
  EXPECT_EQ(phase["datagrams"]["sent"], 100'000);
  EXPECT_EQ(phase["datagrams"]["answered"], 90'000);
  EXPECT_EQ(phase["datagrams"]["lost"], 10'000);
  EXPECT_DOUBLE_EQ(phase["datagrams"]["loss_ratio"].get<double>(), 0.1);
  EXPECT_DOUBLE_EQ(phase["datagrams"]["sent_bits_per_s"].get<double>(), 5'120'000);
  EXPECT_EQ(phase["lost_where"]["server_socket_buffer"], 10'000);
  EXPECT_EQ(phase["lost_where"]["network_or_server"], 0);
  EXPECT_EQ(phase["kernel"]["before"]["RcvbufErrors"], 0);
  EXPECT_EQ(phase["kernel"]["after"]["RcvbufErrors"], 10'000);
  EXPECT_EQ(phase["kernel"]["change"]["InDatagrams"], 180'000);
  EXPECT_EQ(phase["latency"]["response"]["count"], 100'000);
  EXPECT_EQ(phase["latency"]["send_lag"]["p"]["99"], 20'000);
  EXPECT_EQ(phase["series"]["cols"].back(), "lost");
  EXPECT_EQ(phase["series"]["rows"][0].size(), phase["series"]["cols"].size());
}

TEST(DatagramReport, JsonOfStreamsHasNothingOfIt) {
  const json report = json::parse(report_json(example_report()));

  EXPECT_FALSE(report["phases"][0].contains("datagrams"));
  EXPECT_FALSE(report["config"].contains("rate"));
  EXPECT_NE(report["phases"][0]["series"]["cols"].back(), "lost");
}

}  // namespace
}  // namespace weir::tools::load
