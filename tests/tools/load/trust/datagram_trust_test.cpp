// The rules of trust where the load is datagrams.
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/support/example_report.h"
#include "tests/tools/support/trust_lookup.h"

namespace weir::tools::load {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(DatagramTrust, DatagramsLostAtTheServerAreAResult) {
  LoadReport report = example_datagram_report();
  report.host.counters = {{"Udp.RcvbufErrors", 10'000}};

  EXPECT_THAT(failed_rules(report), IsEmpty());
  EXPECT_EQ(check_of(report, TrustRule::kernel_drops)->text, "the kernel dropped nothing");
}

TEST(DatagramTrust, DatagramsLostHereAreTheGeneratorsFault) {
  LoadReport report = example_datagram_report();
  report.datagrams->socket_drops = 500;

  const std::optional<TrustCheck> check = check_of(report, TrustRule::kernel_drops);
  EXPECT_FALSE(check->ok);
  EXPECT_EQ(check->weight, TrustWeight::veto);
  EXPECT_EQ(check->text,
            "the kernel dropped or repeated 500 packets on this host: our sockets' buffers 500");
}

TEST(DatagramTrust, AReceiveBufferThatIsSmallerThanAskedIsNoted) {
  LoadReport report = example_datagram_report();
  EXPECT_FALSE(check_of(report, TrustRule::socket_buffers));

  report.datagrams->receive_buffer = {.asked_bytes = 4 << 20, .granted_bytes = 4 << 20};
  EXPECT_TRUE(check_of(report, TrustRule::socket_buffers)->ok);
  DatagramResult part;
  part.receive_buffer = {.asked_bytes = 4 << 20, .granted_bytes = 212'992};
  report.datagrams->merge(part);
  const std::optional<TrustCheck> check = check_of(report, TrustRule::socket_buffers);
  EXPECT_FALSE(check->ok);
  EXPECT_EQ(check->weight, TrustWeight::note);
  EXPECT_EQ(check->value, 212'992);
  EXPECT_EQ(check->limit, 4'194'304);
  EXPECT_EQ(check->text,
            "the kernel granted receive buffers of 208 KiB, not 4 MiB: answers that come in bursts "
            "may be lost here");
  EXPECT_EQ(check->remedy, "try sysctl net.core.rmem_max=4194304");

  report.options.answers = Answers::none;
  EXPECT_FALSE(check_of(report, TrustRule::socket_buffers));
}

TEST(DatagramTrust, DatagramsKeepTheirScheduleThemselves) {
  LoadReport report = example_datagram_report();
  report.requests.offered = 2 * report.requests.sent;
  report.latency.send_lag.record_n(110'000, 5'000);

  EXPECT_NEAR(check_of(report, TrustRule::offered_rate)->value, 0.5, 1e-9);
  EXPECT_THAT(check_of(report, TrustRule::send_lag)->text, HasSubstr("110 us"));
  EXPECT_FALSE(check_of(report, TrustRule::send_lag)->ok);
}

}  // namespace
}  // namespace weir::tools::load
