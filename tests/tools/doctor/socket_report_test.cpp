#include "tools/weir/doctor/socket_report.h"

#include <algorithm>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace weir::tools::doctor {
namespace {

using ::testing::HasSubstr;

SocketReport example_claims() {
  return {.version_line = "weir 0.1.0 (GCC 12.2.0, release)",
          .kernel_release = "6.18.5",
          .claims = {{"tcp_rest",
                      "what TCP's recv leaves comes next",
                      ClaimVerdict::holds,
                      "recv(8) after 5 + 5: 8, then 2",
                      {{"first_bytes", 8}, {"second_bytes", 2}}},
                     {"udp_buffer_default",
                      "the buffers of a UDP socket have 8 KiB",
                      ClaimVerdict::no_longer_holds,
                      "212 992 in, 212 992 out",
                      {{"receive_bytes", 212992}}},
                     {"udp_cork",
                      "UDP never sticks",
                      ClaimVerdict::is_false,
                      "10 + 10 with MSG_MORE: a datagram of 20",
                      {{"received_bytes", 20}}}}};
}

TEST(SocketReport, TextHasALineAClaim) {
  EXPECT_EQ(report_text(example_claims(), {}), R"(weir 0.1.0 (GCC 12.2.0, release) on Linux 6.18.5
What is said about sockets, measured on loopback (sizes in bytes)
holds            what TCP's recv leaves comes next         recv(8) after 5 + 5: 8, then 2
no longer holds  the buffers of a UDP socket have 8 KiB    212 992 in, 212 992 out
false            UDP never sticks                          10 + 10 with MSG_MORE: a datagram of 20
1 of 3 claims hold, 1 no longer hold, 1 are false.
)");
}

TEST(SocketReport, WhatCouldNotBeMeasuredIsNotJudged) {
  SocketReport report = example_claims();
  report.claims.back().verdict = ClaimVerdict::cannot_tell;
  report.claims.back().measured = "setsockopt: Operation not permitted, whatever the reason may be";

  const std::string text = report_text(report, {});

  EXPECT_FALSE(is_complete(report));
  EXPECT_THAT(text, HasSubstr("cannot tell      UDP never sticks"));
  EXPECT_THAT(text, HasSubstr("0 are false, 1 could not be measured.\n"));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
}

TEST(SocketReport, JsonHasEveryNumber) {
  const auto json = nlohmann::json::parse(report_json(example_claims()));

  EXPECT_EQ(json["schema"], "weir.doctor.sockets/1");
  EXPECT_EQ(json["kernel_release"], "6.18.5");
  ASSERT_EQ(json["claims"].size(), 3U);
  EXPECT_EQ(json["claims"][0]["values"]["second_bytes"], 2);
  EXPECT_EQ(json["claims"][1]["verdict"], "no longer holds");
  EXPECT_EQ(json["claims"][2]["name"], "udp_cork");
}

TEST(SocketReport, OfThisMachineFitsAScreen) {
  const SocketReport report = examine_sockets();

  const std::string text = report_text(report, {});

  EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 22);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
  for (const SocketClaim& claim : report.claims) {
    EXPECT_LE(claim.claim.size(), 40U) << claim.claim;
    if (claim.verdict != ClaimVerdict::cannot_tell) {
      EXPECT_LE(claim.measured.size(), 41U) << claim.measured;
    }
  }
}

}  // namespace
}  // namespace weir::tools::doctor
