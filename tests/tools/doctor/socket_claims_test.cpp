#include "tools/weir/doctor/socket_claims.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/stream_sockets.h"
#include "tests/tools/support/fake_system.h"

namespace weir::tools::doctor {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// What a claim's measurement found, by name; fails the test where there is none.
class Found {
 public:
  explicit Found(const std::vector<SocketClaim>& claims, std::string_view name) {
    for (const SocketClaim& claim : claims) {
      if (claim.name == name) claim_ = claim;
    }
    EXPECT_EQ(claim_.name, name);
    EXPECT_NE(claim_.verdict, ClaimVerdict::cannot_tell) << claim_.measured;
  }

  [[nodiscard]] ClaimVerdict verdict() const { return claim_.verdict; }
  [[nodiscard]] std::int64_t operator[](std::string_view name) const {
    for (const auto& [known, value] : claim_.values) {
      if (known == name) return value;
    }
    ADD_FAILURE() << claim_.name << " has no value " << name;
    return -1;
  }

 private:
  SocketClaim claim_;
};

TEST(SocketClaims, EachIsMeasuredHereAndLeavesNoDescriptor) {
  const std::size_t before = test::open_descriptor_count();

  const auto claims = measure_socket_claims(SystemFiles());

  EXPECT_EQ(test::open_descriptor_count(), before);
  EXPECT_EQ(claims.size(), 18U);
  std::set<std::string> names;
  for (const SocketClaim& claim : claims) {
    names.insert(claim.name);
    EXPECT_NE(claim.verdict, ClaimVerdict::cannot_tell) << claim.name << ": " << claim.measured;
    EXPECT_THAT(claim.claim, Not(IsEmpty())) << claim.name;
    EXPECT_THAT(claim.measured, Not(IsEmpty())) << claim.name;
    EXPECT_THAT(claim.values, Not(IsEmpty())) << claim.name;
  }
  EXPECT_EQ(names.size(), claims.size());
}

TEST(SocketClaims, TheKernelDoublesWhatIsSet) {
  const Found doubling(measure_buffer_claims(SystemFiles()), "buffer_doubling");

  EXPECT_EQ(doubling["reported_bytes"], 2 * doubling["set_bytes"]);
  EXPECT_EQ(doubling.verdict(), ClaimVerdict::is_false);
}

TEST(SocketClaims, TheKernelSetsNoMoreThanItsLimit) {
  constexpr const char* path = "proc/sys/net/core/rmem_max";
  if (!SystemFiles().read(path)) GTEST_SKIP() << "/" << path << " cannot be read here";

  const Found cap(measure_buffer_claims(SystemFiles()), "buffer_cap");

  EXPECT_EQ(cap["reported_bytes"], 2 * cap["rmem_max_bytes"]);
  EXPECT_EQ(cap.verdict(), ClaimVerdict::is_false);
}

TEST(SocketClaims, ALimitThatIsNotShownIsLeftOut) {
  const auto claims = measure_buffer_claims(FakeSystem().files());

  const auto cap = std::find_if(claims.begin(), claims.end(),
                                [](const auto& claim) { return claim.name == "buffer_cap"; });

  ASSERT_NE(cap, claims.end());
  EXPECT_EQ(cap->verdict, ClaimVerdict::is_false);
  EXPECT_EQ(cap->measured.find("rmem_max"), std::string::npos);
}

TEST(SocketClaims, WhatWasSentArrivesUnlessInputWasLeftUnread) {
  const auto claims = measure_close_claims();

  const Found all_read(claims, "close_delivers");
  const Found unread(claims, "close_with_unread_input");

  EXPECT_EQ(all_read.verdict(), ClaimVerdict::holds);
  EXPECT_EQ(all_read["received_bytes"], all_read["sent_bytes"]);
  EXPECT_EQ(all_read["errno"], 0);
  EXPECT_EQ(unread.verdict(), ClaimVerdict::is_false);
  EXPECT_EQ(unread["errno"], ECONNRESET);
}

TEST(SocketClaims, AConnectionGoesThroughTheStatesOfTheStandard) {
  const auto claims = measure_state_claims();

  const Found handshake(claims, "handshake");
  const Found time_wait_left(claims, "time_wait");
  const Found packets(claims, "close_packets");

  EXPECT_EQ(handshake["sent"], 2);
  EXPECT_EQ(handshake["received"], 1);
  EXPECT_EQ(handshake["state_before_accept"], established);
  EXPECT_EQ(Found(claims, "half_closed")["second_state"], close_wait);
  EXPECT_EQ(time_wait_left["first_state"], time_wait);
  EXPECT_EQ(time_wait_left["second_state"], 0);
  EXPECT_THAT(packets["second_waits"], AnyOf(3, 4));
  EXPECT_THAT(packets["second_ends_at_once"], AnyOf(3, 4));
}

TEST(SocketClaims, TcpForgetsBoundariesAndUdpKeepsThemUnlessToldNotTo) {
  const auto claims = measure_boundary_claims();

  EXPECT_EQ(Found(claims, "tcp_merges")["received_bytes"], 10);
  EXPECT_EQ(Found(claims, "nagle_merges")["received_bytes"], 10);
  EXPECT_EQ(Found(claims, "tcp_rest")["second_bytes"], 2);
  EXPECT_EQ(Found(claims, "udp_cork")["received_bytes"], 20);
  EXPECT_EQ(Found(claims, "udp_rest")["first_bytes"], 1024);
  EXPECT_EQ(Found(claims, "udp_rest")["second_bytes"], 0);
  EXPECT_EQ(Found(claims, "udp_gro")["received_bytes"], 1000);
  EXPECT_LT(Found(claims, "udp_loss")["received"], Found(claims, "udp_loss")["sent"]);
}

TEST(SocketClaims, AFailedExperimentDecidesNothing) {
  Experiment experiment;
  const int listener = experiment.listen_tcp();
  const std::size_t open = test::open_descriptor_count();
  experiment.set_option(listener, /*level=*/-1, /*name=*/0, 1);

  const Connection connection = experiment.tcp_connection();
  const SocketClaim claim =
      conclude(experiment, {"name", "claim", ClaimVerdict::holds, "measured", {{"value", 1}}});

  EXPECT_EQ(test::open_descriptor_count(), open);
  EXPECT_EQ(connection.first, 0);
  EXPECT_EQ(experiment.send_until_full(listener, 1), 0);
  EXPECT_EQ(experiment.receive(listener, 1), std::nullopt);
  EXPECT_EQ(claim.verdict, ClaimVerdict::cannot_tell);
  EXPECT_THAT(claim.measured, HasSubstr("setsockopt: "));
  EXPECT_THAT(claim.values, IsEmpty());
}

}  // namespace
}  // namespace weir::tools::doctor
