#include "examples/delay_relay/relay_report.h"

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace delay_relay {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

/// 100 packets each way, all punctual but the last two towards the server.
RelayReport report_with(weir::Duration lateness) {
  RelayReport report{.rtt = milliseconds(20), .is_realtime = true};
  for (DirectionCounts* const counts : {&report.counts.to_server, &report.counts.to_client}) {
    counts->packets = 100;
    for (int i = 0; i < 98; ++i) counts->lateness.record(microseconds(10));
  }
  for (int i = 0; i < 2; ++i) report.counts.to_server.lateness.record(lateness);
  return report;
}

TEST(RelayReport, IsTrustedUpToOneTwentiethOfTheRoundTrip) {
  EXPECT_TRUE(is_trusted(report_with(microseconds(1000))));
  EXPECT_FALSE(is_trusted(report_with(microseconds(1001))));
}

TEST(RelayReport, SaysOnOneLineThatItIsNotToBeTrustedAndWhy) {
  const std::string good = to_text(report_with(microseconds(900)));
  const std::string bad = to_text(report_with(milliseconds(3)));

  EXPECT_EQ(
      good,
      "RTT 20 ms: 100 packets to the server, 100 to the client, 0 dropped; late by p50 10.1 us, "
      "p99 900 us, max 900 us");
  EXPECT_THAT(bad, HasSubstr("NOT TO BE TRUSTED: the p99 of one direction, 3 ms, is over 5 %"));
  EXPECT_THAT(bad, Not(HasSubstr("\n")));
}

TEST(RelayReport, SaysThatItHadNoRealTimePriority) {
  RelayReport report = report_with(microseconds(0));
  EXPECT_THAT(to_text(report), Not(HasSubstr("without real-time priority")));
  report.is_realtime = false;

  EXPECT_THAT(to_text(report), HasSubstr("; without real-time priority"));
  EXPECT_THAT(to_json(report), HasSubstr(R"("realtime": false)"));
}

TEST(RelayReport, CountsDropsOfBothBoundsTogether) {
  RelayReport report = report_with(microseconds(0));
  report.counts.to_server.dropped_full = 1;
  report.counts.to_client.dropped_full = 2;
  report.unread_to_server = 3;
  report.unread_to_client = 4;

  EXPECT_THAT(to_text(report), HasSubstr(" 10 dropped;"));
  EXPECT_THAT(to_json(report), HasSubstr(R"("dropped_full": 1, "dropped_unread": 3)"));
  EXPECT_THAT(to_json(report), HasSubstr(R"("dropped_full": 2, "dropped_unread": 4)"));
}

TEST(RelayReport, WritesDurationsInTheUnitThatFits) {
  EXPECT_EQ(to_text(std::chrono::nanoseconds(1500)), "1.5 us");
  EXPECT_EQ(to_text(microseconds(20'500)), "20.5 ms");
  EXPECT_EQ(to_text(milliseconds(1500)), "1.5 s");
}

}  // namespace
}  // namespace delay_relay
