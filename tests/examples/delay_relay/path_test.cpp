// Real namespaces and TUN devices, so only with the rights to make them; what is measured here is
// bounded from below by the delay, and from above so far off that only a fault gets there.
#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <optional>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "examples/delay_relay/path_probe.h"
#include "examples/delay_relay/relay_thread.h"
#include "tests/examples/delay_relay/path_sockets.h"

namespace delay_relay {
namespace {

using std::chrono::milliseconds;
using test::connect_over;
using test::Connection;
using testing::AnyOf;
using testing::HasSubstr;

constexpr weir::Duration rtt = milliseconds(20);
/// The kernel puts an acknowledgement off by 40 ms; its clock may tick 4 ms early.
constexpr weir::Duration delayed_ack_least = milliseconds(30);

class EmulatedPathTest : public testing::Test {
 protected:
  void SetUp() override {
    OrProblem<EmulatedPath> made = EmulatedPath::make({});
    if (made) {
      path_.emplace(std::move(*made));
      return;
    }
    // Other failures are ours.
    ASSERT_THAT(made.error().why.value(), AnyOf(EPERM, EACCES, ENOENT, ENODEV, ENOSYS, ENOSPC))
        << made.error().to_string();
    GTEST_SKIP() << made.error().to_string() << ": needs root, and /dev/net/tun";
  }

  [[nodiscard]] const EmulatedPath& path() const { return *path_; }

  std::unique_ptr<RelayThread> start(const RelayOptions& options = {.rtt = rtt}) {
    OrProblem<std::unique_ptr<RelayThread>> started =
        RelayThread::start(path(), {.relay = options});
    EXPECT_TRUE(started) << started.error().to_string();
    return std::move(*started);
  }

  std::optional<EmulatedPath> path_;
};

/// How long each exchange took: two small writes, then the answer to both.
std::vector<weir::Duration> write_write_read(const Connection& connection, int count) {
  const std::jthread answering([&connection] {
    std::array<std::byte, 64> request;
    while (test::receive_all(connection.server, request)) {
      if (!test::send_all(connection.server, std::span(request).first(8))) return;
    }
  });
  std::vector<weir::Duration> took;
  std::array<std::byte, 64> request{};
  for (int i = 0; i < count; ++i) {
    const weir::TimePoint begun = weir::Clock::now();
    EXPECT_TRUE(test::send_all(connection.client, std::span(request).first(4)));
    EXPECT_TRUE(test::send_all(connection.client, std::span(request).subspan(4)));
    EXPECT_TRUE(test::receive_all(connection.client, std::span(request).first(8)));
    took.push_back(weir::Clock::now() - begun);
  }
  ::shutdown(connection.client.get(), SHUT_WR);
  return took;
}

/// Of a connection past its first exchanges, which the peer acknowledges at once.
weir::Duration median_write_write_read(const Connection& connection) {
  std::vector<weir::Duration> took = write_write_read(connection, 14);
  took.erase(took.begin(), took.begin() + 3);
  const auto middle = took.begin() + static_cast<std::ptrdiff_t>(took.size() / 2);
  std::ranges::nth_element(took, middle);
  return *middle;
}

TEST_F(EmulatedPathTest, TakesAPacketThereAndBackInTheRoundTripTime) {
  const auto relay = start();

  const OrProblem<ProbeReport> probed =
      probe(path().client().home, path().server().home, path().server().address, {.count = 20});

  ASSERT_TRUE(probed) << probed.error().to_string();
  EXPECT_EQ(probed->round_trips.count() + probed->lost, 20U);
  EXPECT_GE(probed->round_trips.count(), 15U);
  EXPECT_GE(probed->min, rtt);
  EXPECT_LT(probed->min, 5 * rtt);
}

TEST_F(EmulatedPathTest, ShowsTcpItsRoundTripTime) {
  const auto relay = start();
  const Connection connection = connect_over(path());
  test::set_nodelay(connection.client);

  write_write_read(connection, 5);

  EXPECT_GE(test::min_rtt(connection.client), rtt);
  EXPECT_LT(test::min_rtt(connection.client), 5 * rtt);
}

// The second write waits for the acknowledgement of the first: a round trip and 40 ms more.
TEST_F(EmulatedPathTest, ShowsTheStallOfNagleAndDelayedAcknowledgement) {
  const auto relay = start();
  const Connection connection = connect_over(path());

  const weir::Duration took = median_write_write_read(connection);

  EXPECT_GE(took, 2 * rtt + delayed_ack_least);
}

TEST_F(EmulatedPathTest, ShowsNoStallWithoutNagle) {
  const auto relay = start();
  const Connection connection = connect_over(path());
  test::set_nodelay(connection.client);

  const weir::Duration took = median_write_write_read(connection);

  EXPECT_GE(took, rtt);
  EXPECT_LT(took, 2 * rtt + delayed_ack_least);
}

TEST_F(EmulatedPathTest, DeliversAStreamAsItWasSent) {
  const auto relay = start({.rtt = milliseconds(2)});
  const Connection connection = connect_over(path());
  std::vector<std::byte> sent(std::size_t{2} << 20);
  for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<std::byte>(i * i >> 5);
  std::vector<std::byte> received(sent.size());

  const std::jthread sending([&] { EXPECT_TRUE(test::send_all(connection.client, sent)); });
  const bool is_whole = test::receive_all(connection.server, received);

  EXPECT_TRUE(is_whole);
  EXPECT_TRUE(sent == received);
  const OrProblem<RelayReport> report = relay->stop();
  ASSERT_TRUE(report) << report.error().to_string();
  EXPECT_GE(report->counts.to_server.bytes, sent.size());
  EXPECT_GE(report->counts.to_server.packets, sent.size() / path().mtu_bytes());
  EXPECT_EQ(report->counts.to_server.lateness.count(), report->counts.to_server.packets);
  EXPECT_EQ(report->counts.to_server.refused, 0U);
  EXPECT_EQ(report->counts.to_client.refused, 0U);
}

TEST_F(EmulatedPathTest, DropsAndCountsWhatIsOverTheBound) {
  constexpr std::uint64_t sent = 100;
  const auto relay = start({.rtt = rtt, .packets_max = 4});
  const FileDescriptor server = test::open_socket(path().server().home, SOCK_DGRAM);
  const sockaddr_in name = test::bind_to(server, path().server().address);
  const FileDescriptor client = test::open_socket(path().client().home, SOCK_DGRAM);
  test::connect_to(client, name);

  const std::array<std::byte, 1000> datagram{};
  for (std::uint64_t i = 0; i < sent; ++i) EXPECT_TRUE(test::send_all(client, datagram));

  // Long after the last one was due none can come any more.
  const timeval silence{.tv_sec = 1, .tv_usec = 0};
  ASSERT_EQ(::setsockopt(server.get(), SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence), 0);
  std::uint64_t received = 0;
  std::array<std::byte, 1000> room;
  while (::recv(server.get(), room.data(), room.size(), 0) == std::ssize(room)) ++received;
  const OrProblem<RelayReport> report = relay->stop();
  ASSERT_TRUE(report) << report.error().to_string();
  const DirectionCounts& counts = report->counts.to_server;
  EXPECT_EQ(counts.packets, received);
  EXPECT_GE(counts.dropped_full, 1U);
  EXPECT_EQ(counts.packets + counts.dropped_full + report->unread_to_server, sent);
  EXPECT_EQ(counts.under_way_max, 4U);
}

TEST_F(EmulatedPathTest, StopsInTheMiddleOfAFlood) {
  const auto relay = start({.rtt = milliseconds(1), .packets_max = 16});
  const FileDescriptor server = test::open_socket(path().server().home, SOCK_DGRAM);
  const sockaddr_in name = test::bind_to(server, path().server().address);
  const FileDescriptor client = test::open_socket(path().client().home, SOCK_DGRAM);
  test::connect_to(client, name);
  const std::jthread flooding([&client](const std::stop_token& stop) {
    const std::array<std::byte, 16> datagram{};
    while (!stop.stop_requested()) ::send(client.get(), datagram.data(), datagram.size(), 0);
  });
  std::array<std::byte, 16> room;
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(test::receive_all(server, room));

  const OrProblem<RelayReport> report = relay->stop();

  ASSERT_TRUE(report) << report.error().to_string();
  EXPECT_GE(report->counts.to_server.packets, 100U);
}

TEST_F(EmulatedPathTest, CarriesOneRelayAfterTheOther) {
  for (const auto each_rtt : {milliseconds(30), milliseconds(5)}) {
    const auto relay = start({.rtt = each_rtt});

    const OrProblem<ProbeReport> probed =
        probe(path().client().home, path().server().home, path().server().address, {.count = 5});
    const OrProblem<RelayReport> report = relay->stop();

    ASSERT_TRUE(probed) << probed.error().to_string();
    ASSERT_TRUE(report) << report.error().to_string();
    EXPECT_GE(probed->min, each_rtt);
    EXPECT_EQ(report->rtt, each_rtt);
    EXPECT_GE(report->counts.to_client.packets, probed->round_trips.count());
  }
}

TEST_F(EmulatedPathTest, JoinsNamespacesThatAreThere) {
  const OrProblem<NetworkNamespace> client = NetworkNamespace::make();
  const OrProblem<NetworkNamespace> server = NetworkNamespace::make();
  ASSERT_TRUE(client && server);
  const PathOptions options{.client_namespace = client->path(), .server_namespace = server->path()};

  const OrProblem<EmulatedPath> joined = EmulatedPath::make(options);
  const OrProblem<EmulatedPath> again = EmulatedPath::make(options);

  ASSERT_TRUE(joined) << joined.error().to_string();
  EXPECT_TRUE(joined->client().home.is_same_as(*client));
  EXPECT_TRUE(joined->server().home.is_same_as(*server));
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().to_string(), HasSubstr("cannot make the TUN device weir0"));
}

TEST_F(EmulatedPathTest, RefusesTwoEndsInOneNamespace) {
  const std::string home = path().client().home.path();

  const OrProblem<EmulatedPath> made =
      EmulatedPath::make({.client_namespace = home, .server_namespace = home, .device = "other0"});

  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().to_string(), HasSubstr("in one network namespace"));
}

std::size_t entries_in(const char* folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

TEST_F(EmulatedPathTest, LeavesNothingBehind) {
  const OrProblem<NetworkNamespace> client = NetworkNamespace::make();
  ASSERT_TRUE(client) << client.error().to_string();
  const auto has_device = [] -> OrProblem<void> {
    const OrProblem<NetworkInterface> device = NetworkInterface::find("weir0");
    if (!device) return std::unexpected(device.error());
    return {};
  };
  const std::size_t open_files = entries_in("/proc/self/fd");
  const std::size_t threads = entries_in("/proc/self/task");

  {
    const OrProblem<EmulatedPath> made = EmulatedPath::make({.client_namespace = client->path()});
    ASSERT_TRUE(made) << made.error().to_string();
    const auto relay = RelayThread::start(*made, {.relay = {.rtt = rtt}});
    ASSERT_TRUE(relay) << relay.error().to_string();
    EXPECT_TRUE(client->run(has_device));
    EXPECT_GT(entries_in("/proc/self/fd"), open_files);
  }

  EXPECT_FALSE(client->run(has_device));
  EXPECT_EQ(entries_in("/proc/self/fd"), open_files);
  EXPECT_EQ(entries_in("/proc/self/task"), threads);
}

}  // namespace
}  // namespace delay_relay
