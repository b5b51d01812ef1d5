// Trains: what the kernel joins and splits, with it and without.
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/udp_fixture.h"

namespace weir {
namespace {

using test::bytes_of;
using test::pattern;
using test::text_of;
using test::udp_pair;
using testing::ElementsAre;

class UdpOffloadTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(UdpOffloadTest);

TEST_P(UdpOffloadTest, AGroupOfEqualDatagramsIsOneTrainAtAReceiverThatJoins) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair();
    const std::string payload = pattern(1050, 3);
    const std::array<OutgoingDatagram, 1> train{
        {{.payload = bytes_of(payload), .segment_bytes = 100}}};

    const SendOutcome outcome = co_await client.send(train);
    const DatagramBatch batch = (co_await server.receive()).value();

    EXPECT_EQ(outcome.datagrams, 11U);
    EXPECT_EQ(batch.trains().size(), 1U);
    EXPECT_EQ(batch.trains()[0].segment_bytes, 100U);
    std::string joined;
    std::vector<std::size_t> sizes;
    for (const Datagram& datagram : batch) {
      joined += text_of(datagram.payload());
      sizes.push_back(datagram.payload().size());
    }
    EXPECT_EQ(joined, payload);
    EXPECT_EQ(sizes,
              (std::vector<std::size_t>{100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 50}));
    EXPECT_EQ(server.stats().trains_received, 1U);
    EXPECT_EQ(client.stats().trains_sent, 1U);
  });
}

TEST_P(UdpOffloadTest, ATrainComesAsDatagramsAtAReceiverThatDoesNotJoin) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair({.receive_offload = Switch::off});
    const std::string payload = pattern(1050, 3);
    const std::array<OutgoingDatagram, 1> train{
        {{.payload = bytes_of(payload), .segment_bytes = 100}}};

    EXPECT_TRUE(co_await client.send(train));
    const auto texts = co_await test::receive_texts(&server, 11);

    for (std::size_t i = 0; i < texts.size(); ++i) {
      EXPECT_EQ(texts[i], payload.substr(100 * i, 100));
    }
  });
}

TEST_P(UdpOffloadTest, ARunOfEqualDatagramsLeavesAsATrainAndArrivesTheSame) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair({.receive_buffer_bytes = 4U << 20});
    std::vector<std::string> sent;
    for (unsigned i = 0; i < 200; ++i) sent.push_back(pattern(i % 70 == 69 ? 500 : 1200, i));
    std::vector<OutgoingDatagram> batch;
    for (const std::string& text : sent) batch.push_back({.payload = bytes_of(text)});

    const SendOutcome outcome = co_await client.send(batch);
    const auto texts = co_await test::receive_texts(&server, sent.size());

    EXPECT_EQ(outcome.datagrams, sent.size());
    EXPECT_EQ(texts, sent);
    EXPECT_LE(client.stats().trains_sent, 8U);
    EXPECT_GE(client.stats().trains_sent, 4U);
  });
}

TEST_P(UdpOffloadTest, ATrainTooLongForOneSendIsCut) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair({.receive_buffer_bytes = 4U << 20});
    const std::string payload = pattern(200 * 900 + 7, 5);
    const std::array<OutgoingDatagram, 1> train{
        {{.payload = bytes_of(payload), .segment_bytes = 900}}};

    const SendOutcome outcome = co_await client.send(train);
    const auto texts = co_await test::receive_texts(&server, 201);

    EXPECT_EQ(outcome.datagrams, 201U);
    std::string joined;
    for (const std::string& text : texts) joined += text;
    EXPECT_EQ(joined, payload);
  });
}

TEST_P(UdpOffloadTest, WhatTheKernelRefusesAsATrainGoesOneByOne) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair({.receive_buffer_bytes = 4U << 20});
    // Without checksums the kernel refuses to segment (udp_send_skb: EINVAL).
    constexpr int on = 1;
    EXPECT_EQ(::setsockopt(client.native_handle(), SOL_SOCKET, SO_NO_CHECK, &on, sizeof on), 0);
    const std::string payload = pattern(5000, 3);
    const std::array<OutgoingDatagram, 2> batch{
        {{.payload = bytes_of(payload), .segment_bytes = 1000}, {.payload = bytes_of("end")}}};

    const SendOutcome first = co_await client.send(batch);
    const SendOutcome second = co_await client.send(batch);
    const auto texts = co_await test::receive_texts(&server, 12);

    EXPECT_EQ(first.accepted, 2U);
    EXPECT_EQ(first.datagrams, 6U);
    EXPECT_EQ(second.datagrams, 6U);
    EXPECT_EQ(client.stats().offload_fallbacks, 1U);  // it is not tried again
    for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(texts[i], payload.substr(1000 * i, 1000));
    EXPECT_EQ(texts[5], "end");
  });
}

/// As where no device on the way computes checksums: the kernel sends no train of UDP-Lite
/// (udp_send_skb: EIO). \returns -1 where there is none
int open_udp_lite() {
  return ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_UDPLITE);
}

bool has_udp_lite() {
  const int probe_fd = open_udp_lite();
  if (probe_fd >= 0) ::close(probe_fd);
  return probe_fd >= 0;
}

TEST_P(UdpOffloadTest, WhereNoDeviceSegmentsTrainsGoOneByOne) {
  if (!has_udp_lite()) GTEST_SKIP() << "no UDP-Lite here";
  run_net([]() -> Task<void> {
    const int server_fd = open_udp_lite();
    Address address = Address::loopback(0);
    EXPECT_EQ(::bind(server_fd, address.as_sockaddr(), address.sockaddr_length()), 0);
    UdpSocket server = UdpSocket::adopt(server_fd, {}, {});
    address = server.local_address().value();
    const int client_fd = open_udp_lite();
    EXPECT_EQ(::connect(client_fd, address.as_sockaddr(), address.sockaddr_length()), 0);
    UdpSocket client = UdpSocket::adopt(client_fd, address, {});
    const std::string payload = pattern(5000, 3);
    const std::array<OutgoingDatagram, 2> batch{
        {{.payload = bytes_of(payload), .segment_bytes = 1000}, {.payload = bytes_of("end")}}};

    const SendOutcome first = co_await client.send(batch);
    const SendOutcome second = co_await client.send(batch);
    const auto texts = co_await test::receive_texts(&server, 12);

    EXPECT_TRUE(first) << first.refused.message();
    EXPECT_EQ(first.datagrams, 6U);
    EXPECT_EQ(second.datagrams, 6U);
    EXPECT_EQ(client.stats().offload_fallbacks, 1U);  // it is not tried again
    EXPECT_EQ(client.stats().trains_sent, 0U);
    for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(texts[i], payload.substr(1000 * i, 1000));
    EXPECT_EQ(texts[5], "end");
  });
}

// EIO comes of the device on the way to one peer: trains to another may leave.
TEST_P(UdpOffloadTest, WhereNoDeviceSegmentsIsLearnedOfEachPeer) {
  if (!has_udp_lite()) GTEST_SKIP() << "no UDP-Lite here";
  run_net([]() -> Task<void> {
    const int server_fd = open_udp_lite();
    Address address = Address::any(0);
    EXPECT_EQ(::bind(server_fd, address.as_sockaddr(), address.sockaddr_length()), 0);
    UdpSocket server = UdpSocket::adopt(server_fd, {}, {});
    const std::string port = ":" + std::to_string(server.local_address()->port());
    UdpSocket client = UdpSocket::adopt(open_udp_lite(), {}, {});
    const std::string payload = pattern(3000, 3);
    std::array<OutgoingDatagram, 2> batch{{{.payload = bytes_of(payload), .segment_bytes = 1000},
                                           {.payload = bytes_of(payload), .segment_bytes = 1000}}};
    batch[0].peer = Address::parse("127.0.1.1" + port).value();
    batch[1].peer = Address::parse("127.0.1.2" + port).value();

    const SendOutcome first = co_await client.send(batch);
    const SendOutcome second = co_await client.send(batch);
    for (OutgoingDatagram& entry : batch) entry.segment_bytes = 500;  // no smaller ones either
    const SendOutcome smaller = co_await client.send(batch);
    const auto texts = co_await test::receive_texts(&server, 24);

    EXPECT_EQ(first.datagrams, 6U);
    EXPECT_EQ(second.datagrams, 6U);
    EXPECT_EQ(smaller.datagrams, 12U);
    EXPECT_EQ(client.stats().offload_fallbacks, 2U);
    EXPECT_EQ(client.stats().trains_sent, 0U);
    EXPECT_EQ(texts.size(), 24U);
  });
}

// EINVAL, which a single datagram of it gets as well: the train was not the reason.
TEST_P(UdpOffloadTest, WhatIsRefusedOneByOneTooSaysNothingOfTrains) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair();
    const std::string payload = pattern(3000, 3);
    std::array<OutgoingDatagram, 1> train{{{.payload = bytes_of(payload),
                                            .segment_bytes = 1000,
                                            .transmit_time = std::chrono::nanoseconds(1)}}};

    const SendOutcome refused = co_await client.send(train);  // without enable_transmit_times
    const std::array<OutgoingDatagram, 2> run{
        {{.payload = bytes_of("one"), .transmit_time = std::chrono::nanoseconds(1)},
         {.payload = bytes_of("two"), .transmit_time = std::chrono::nanoseconds(1)}}};
    const SendOutcome run_refused = co_await client.send(run);
    train[0].transmit_time = {};
    const SendOutcome taken = co_await client.send(train);

    EXPECT_EQ(refused.refused, from_errno(EINVAL));
    EXPECT_EQ(refused.datagrams, 0U);
    EXPECT_EQ(run_refused.refused, from_errno(EINVAL));
    EXPECT_EQ(run_refused.accepted, 0U);
    EXPECT_EQ(taken.datagrams, 3U);
    EXPECT_EQ(client.stats().trains_sent, 1U);
    EXPECT_EQ(client.stats().offload_fallbacks, 0U);
    EXPECT_EQ((co_await test::receive_texts(&server, 3)).size(), 3U);
  });
}

/// Sets an environment variable until the end of the scope.
class Environment {
 public:
  explicit Environment(const char* name, const char* value) : name_(name) {
    if (const char* const before = std::getenv(name)) before_ = before;
    ::setenv(name, value, /*overwrite=*/1);
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment() {
    if (before_) {
      ::setenv(name_, before_->c_str(), /*overwrite=*/1);
    } else {
      ::unsetenv(name_);
    }
  }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

TEST_P(UdpOffloadTest, TheEnvironmentSwitchesEitherOff) {
  for (const char* const off : {"WEIR_UDP_GRO", "WEIR_UDP_GSO"}) {
    SCOPED_TRACE(off);
    const Environment environment(off, "off");
    const bool sends_trains = std::string_view(off) != "WEIR_UDP_GSO";
    run_net([sends_trains]() -> Task<void> {
      auto [server, client] = udp_pair();
      const std::string payload = pattern(3000, 3);
      const std::array<OutgoingDatagram, 1> train{
          {{.payload = bytes_of(payload), .segment_bytes = 1000}}};

      EXPECT_TRUE(co_await client.send(train));
      const auto texts = co_await test::receive_texts(&server, 3);

      int joins = -1;
      socklen_t length = sizeof joins;
      ::getsockopt(server.native_handle(), SOL_UDP, UDP_GRO, &joins, &length);
      EXPECT_EQ(joins, sends_trains ? 0 : 1);
      EXPECT_EQ(client.stats().trains_sent, sends_trains ? 1U : 0U);
      EXPECT_EQ(client.stats().offload_fallbacks, 0U);
      EXPECT_EQ(server.stats().trains_received, 0U);
      for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(texts[i], payload.substr(1000 * i, 1000));
    });
  }
}

// IP options make the header longer than a full train leaves room for (ip_append_data: EMSGSIZE);
// its segments fit.
TEST_P(UdpOffloadTest, ATrainTooLongForItsHeaderGoesOneByOne) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair({.receive_buffer_bytes = 4U << 20});
    constexpr std::array<std::uint8_t, 40> no_operations{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                                         1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                                         1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    EXPECT_EQ(::setsockopt(client.native_handle(), SOL_IP, IP_OPTIONS, no_operations.data(),
                           no_operations.size()),
              0);
    const std::string payload = pattern(64 * 1023, 3);
    const std::array<OutgoingDatagram, 2> batch{
        {{.payload = bytes_of(payload), .segment_bytes = 1023}, {.payload = bytes_of("end")}}};

    const SendOutcome outcome = co_await client.send(batch);
    const auto texts = co_await test::receive_texts(&server, 65);

    EXPECT_TRUE(outcome) << outcome.refused.message();
    EXPECT_EQ(outcome.accepted, 2U);
    EXPECT_EQ(outcome.datagrams, 65U);
    EXPECT_EQ(client.stats().offload_fallbacks, 1U);
    // Nothing that was to be sent is too big, so nothing is told, nor waits to be.
    EXPECT_FALSE(client.take_error());
    msghdr message{};
    EXPECT_LT(::recvmsg(client.native_handle(), &message, MSG_ERRQUEUE | MSG_DONTWAIT), 0);
    std::string joined;
    for (const std::string& text : texts) joined += text;
    EXPECT_TRUE(joined == payload + "end");
  });
}

// More of them than a send steps over errors: a refused train is no error, and is gone the next
// time.
TEST_P(UdpOffloadTest, TrainsToManyPeersAreRefusedOneByOne) {
  run_net([]() -> Task<void> {
    constexpr std::size_t peers = 100;
    UdpSocket server = UdpSocket::bind(Address::any(0), {.receive_buffer_bytes = 4U << 20}).value();
    UdpSocket client = UdpSocket::bind(Address::loopback(0)).value();
    constexpr int on = 1;
    EXPECT_EQ(::setsockopt(client.native_handle(), SOL_SOCKET, SO_NO_CHECK, &on, sizeof on), 0);
    const std::string payload = pattern(2000, 3);
    const std::string port = ":" + std::to_string(server.local_address()->port());
    std::vector<OutgoingDatagram> batch;
    for (std::size_t i = 0; i < peers; ++i) {
      const Address peer = Address::parse("127.0.1." + std::to_string(i + 1) + port).value();
      batch.push_back({.payload = bytes_of(payload), .peer = peer, .segment_bytes = 1000});
    }

    const SendOutcome outcome = co_await client.send(batch);
    const auto texts = co_await test::receive_texts(&server, outcome.datagrams);

    EXPECT_FALSE(outcome.refused) << outcome.refused.message();
    EXPECT_EQ(outcome.accepted, peers);
    EXPECT_EQ(texts.size(), 2 * peers);
    EXPECT_EQ(client.stats().offload_fallbacks, peers);
  });
}

// A train that did not fit would lose the datagrams at its end, all in one and told by nobody.
TEST_P(UdpOffloadTest, ALimitOfTheSizeIsOfEachDatagramNotOfTheirTrain) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair({.payload_bytes_max = 1500});
    const std::string payload = pattern(10 * 1000, 3);
    const std::array<OutgoingDatagram, 1> train{
        {{.payload = bytes_of(payload), .segment_bytes = 1000}}};

    EXPECT_TRUE(co_await client.send(train));
    (co_await client.send("end")).value();
    std::string joined;
    std::size_t count = 0;
    while (!joined.ends_with("end")) {
      const DatagramBatch batch = (co_await server.receive()).value();
      for (const Datagram& datagram : batch) {
        EXPECT_FALSE(datagram.truncated());
        joined += text_of(datagram.payload());
        ++count;
      }
    }

    EXPECT_EQ(count, 11U);
    EXPECT_TRUE(joined == payload + "end");
    EXPECT_EQ(server.stats().datagrams_truncated, 0U);
  });
}

TEST_P(UdpOffloadTest, TakesTheDatagramsOfATrainOneByOne) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair();
    const std::array<OutgoingDatagram, 1> train{
        {{.payload = bytes_of("aabbc"), .segment_bytes = 2}}};
    EXPECT_TRUE(co_await client.send(train));

    const DatagramTrain one = (co_await server.receive_one()).value();
    const auto rest = co_await test::receive_texts(&server, 2);

    EXPECT_EQ(text_of(one.payload.bytes()), "aa");
    EXPECT_EQ(one.segment_bytes, 0U);
    EXPECT_THAT(rest, ElementsAre("bb", "c"));
  });
}

}  // namespace
}  // namespace weir
