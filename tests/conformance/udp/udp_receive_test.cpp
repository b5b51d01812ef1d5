// What a UDP socket receives.
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/ipv6.h"
#include "tests/support/udp_fixture.h"

namespace weir {
namespace {

using test::pattern;
using test::text_of;
using test::udp_pair;
using testing::ElementsAre;

class UdpReceiveTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(UdpReceiveTest);

TEST_P(UdpReceiveTest, DeliversADatagramWithItsPeer) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair();
    (co_await client.send("hello")).value();

    const DatagramBatch batch = (co_await server.receive()).value();

    EXPECT_EQ(batch.datagram_count(), 1U);
    const Datagram datagram = *batch.begin();
    EXPECT_EQ(text_of(datagram.payload()), "hello");
    EXPECT_EQ(Address(datagram.peer()), client.local_address().value());
    EXPECT_FALSE(datagram.truncated());
    EXPECT_EQ(datagram.wire_bytes(), 5U);
  });
}

TEST_P(UdpReceiveTest, KeepsOrderAndBoundariesAcrossAllSizes) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair({.receive_buffer_bytes = 4U << 20});
    constexpr std::array<std::size_t, 14> sizes{0,    1,    64,   512,  513, 1200,  1472,
                                                2047, 2048, 2049, 9000, 0,   65507, 3};
    std::vector<std::string> sent;
    for (const std::size_t size : sizes) {
      sent.push_back(pattern(size, static_cast<unsigned>(sent.size())));
      (co_await client.send(sent.back())).value();
    }

    // Twice: the second time large ones are expected.
    const auto first = co_await test::receive_texts(&server, sent.size());
    for (const std::string& text : sent) (co_await client.send(text)).value();
    const auto second = co_await test::receive_texts(&server, sent.size());

    EXPECT_EQ(first, sent);
    EXPECT_EQ(second, sent);
    EXPECT_EQ(server.stats().datagrams_received, 2 * sent.size());
  });
}

TEST_P(UdpReceiveTest, DeliversDatagramsWithoutPayload) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair();
    for (const std::string_view text : {"a", "", "", "b"}) (co_await client.send(text)).value();

    const auto texts = co_await test::receive_texts(&server, 4);

    EXPECT_THAT(texts, ElementsAre("a", "", "", "b"));
  });
}

TEST_P(UdpReceiveTest, SaysThatADatagramWasTruncatedAndHowLongItWas) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair({.payload_bytes_max = 1024});
    (co_await client.send(pattern(3000, 1))).value();
    (co_await client.send(pattern(1024, 2))).value();

    DatagramTrain first = (co_await server.receive_one()).value();
    DatagramTrain second = (co_await server.receive_one()).value();

    EXPECT_TRUE(first.truncated);
    EXPECT_EQ(first.wire_bytes, 3000U);
    EXPECT_EQ(text_of(first.payload.bytes()), pattern(3000, 1).substr(0, 1024));
    EXPECT_FALSE(second.truncated);
    EXPECT_EQ(server.stats().datagrams_truncated, 1U);
  });
}

// One train after the other: on io_uring the kernel itself receives the last of them.
TEST_P(UdpReceiveTest, SaysThatWhatTheKernelToldHadNoRoom) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair({.receive_traffic_class = Switch::on,
                                      .receive_hop_limit = Switch::on,
                                      .receive_local = Switch::on,
                                      .receive_timestamps = Switch::on});
    (co_await client.send("before")).value();
    EXPECT_THAT(co_await test::receive_texts(&server, 1), ElementsAre("before"));
    EXPECT_EQ(server.stats().control_truncated, 0U);
    // What weir does not ask for takes the room: the route and the time, twice each.
    constexpr int on = 1;
    for (const int option : {IP_RECVOPTS, IP_RETOPTS, IP_RECVORIGDSTADDR}) {
      EXPECT_EQ(::setsockopt(server.native_handle(), SOL_IP, option, &on, sizeof on), 0);
    }
    EXPECT_EQ(::setsockopt(server.native_handle(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on), 0);
    constexpr std::array<std::uint8_t, 40> record_route{/*type=*/7, /*length=*/39, /*pointer=*/4};
    EXPECT_EQ(::setsockopt(client.native_handle(), SOL_IP, IP_OPTIONS, record_route.data(),
                           record_route.size()),
              0);

    constexpr std::size_t count = 40;
    const std::array<OutgoingDatagram, 1> train{
        {{.payload = test::bytes_of("aabb"), .segment_bytes = 2}}};
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_TRUE(co_await client.send(train));
      EXPECT_THAT(co_await test::receive_texts(&server, 2), ElementsAre("aa", "bb"));
    }

    EXPECT_EQ(server.stats().trains_received, count);
    EXPECT_EQ(server.stats().control_truncated, count);
  });
}

TEST_P(UdpReceiveTest, WaitsUntilOneComes) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair();
    std::optional<Result<DatagramBatch>> received;
    Scope scope;
    scope.spawn([](UdpSocket* socket, std::optional<Result<DatagramBatch>>* out) -> Task<void> {
      out->emplace(co_await socket->receive());
    }(&server, &received));
    co_await test::some_turns(20);
    EXPECT_FALSE(received);

    (co_await client.send("late")).value();
    (void)co_await scope.join();

    EXPECT_EQ(received->value().datagram_count(), 1U);
  });
}

TEST_P(UdpReceiveTest, LosesNothingWhenAReceiveIsCancelled) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair({.receive_buffer_bytes = 4U << 20});
    constexpr std::size_t count = 2000;
    std::size_t next = 0;
    std::size_t expected = 0;
    for (unsigned round = 0; expected < count; ++round) {
      for (int i = 0; i < 3 && next < count; ++i) {
        (co_await client.send(std::to_string(next++))).value();
      }
      const auto batch =
          co_await with_timeout(std::chrono::microseconds(round % 50),
                                [](UdpSocket* socket) -> Task<Result<DatagramBatch>> {
                                  co_return co_await socket->receive();
                                }(&server));
      if (!batch) {
        EXPECT_EQ(batch.error(), Error::deadline_exceeded);
        continue;
      }
      for (const Datagram& datagram : *batch) {
        EXPECT_EQ(text_of(datagram.payload()), std::to_string(expected));
        ++expected;
      }
    }
    EXPECT_EQ(server.stats().datagrams_received, count);
  });
}

TEST_P(UdpReceiveTest, RefusesASecondReceiveWhileOneWaits) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair();
    std::optional<Result<DatagramBatch>> received;
    Scope scope;
    scope.spawn([](UdpSocket* socket, std::optional<Result<DatagramBatch>>* out) -> Task<void> {
      out->emplace(co_await socket->receive());
    }(&server, &received));
    co_await yield();

    const auto second = co_await server.receive();

    EXPECT_EQ(second.error(), Error::busy);
    (co_await client.send("x")).value();
    (void)co_await scope.join();
    EXPECT_TRUE(received->has_value());
  });
}

TEST_P(UdpReceiveTest, TakesOneOfManyAndLeavesTheRest) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair();
    for (const std::string_view text : {"a", "b", "c"}) (co_await client.send(text)).value();

    const DatagramTrain first = (co_await server.receive_one()).value();
    const auto rest = co_await test::receive_texts(&server, 2);

    EXPECT_EQ(text_of(first.payload.bytes()), "a");
    EXPECT_THAT(rest, ElementsAre("b", "c"));
  });
}

TEST_P(UdpReceiveTest, IgnoresStrangersOnAConnectedSocket) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair();
    UdpSocket stranger = UdpSocket::connect(client.local_address().value()).value();
    (co_await stranger.send("not from your peer")).value();
    (co_await server.send_to(client.local_address().value(), "from your peer")).value();

    const auto texts = co_await test::receive_texts(&client, 1);

    EXPECT_THAT(texts, ElementsAre("from your peer"));
    EXPECT_EQ(client.stats().datagrams_received, 1U);
  });
}

TEST_P(UdpReceiveTest, TellsWhereADatagramWasSentTo) {
  run_net([]() -> Task<void> {
    UdpSocket server = UdpSocket::bind(Address::any(0), {.receive_local = Switch::on}).value();
    const std::uint16_t port = server.local_address().value().port();
    const Address second = Address::parse("127.0.0.2:" + std::to_string(port)).value();
    UdpSocket client = UdpSocket::connect(second).value();
    (co_await client.send("question")).value();

    DatagramTrain question = (co_await server.receive_one()).value();
    const std::array<OutgoingDatagram, 1> answer{OutgoingDatagram{
        .payload = test::bytes_of("answer"), .peer = question.peer, .source = question.local}};
    const SendOutcome sent = co_await server.send(answer);
    const auto texts = co_await test::receive_texts(&client, 1);

    EXPECT_EQ(Address(question.local).host(), "127.0.0.2");
    EXPECT_NE(question.interface_index, 0U);
    EXPECT_TRUE(sent);
    EXPECT_THAT(texts, ElementsAre("answer"));  // a connected socket takes it from 127.0.0.2 only
  });
}

TEST_P(UdpReceiveTest, TellsTrafficClassAndHopLimitOverBothFamilies) {
  run_net([]() -> Task<void> {
    const std::vector<Address> addresses = test::loopbacks();
    for (const Address& address : addresses) {
      UdpSocket server = UdpSocket::bind(address, {.receive_traffic_class = Switch::on,
                                                   .receive_hop_limit = Switch::on})
                             .value();
      UdpSocket client = UdpSocket::connect(server.local_address().value()).value();
      client.set_traffic_class(0x28).value();
      const std::array<OutgoingDatagram, 1> marked{
          OutgoingDatagram{.payload = test::bytes_of("x"), .hop_limit = 33, .ecn = Ecn::capable_0}};
      const SendOutcome sent = co_await client.send(marked);
      EXPECT_TRUE(sent) << sent.refused.message();

      const DatagramTrain got = (co_await server.receive_one()).value();

      EXPECT_EQ(got.traffic_class, 0x2a);
      EXPECT_EQ(got.ecn(), Ecn::capable_0);
      EXPECT_EQ(got.hop_limit, 33);
    }
  });
}

// The kernel takes note of arrivals a little after the first socket has asked for it.
TEST_P(UdpReceiveTest, TellsWhenTheKernelGotIt) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair({.receive_timestamps = Switch::on});

    std::chrono::nanoseconds time{0};
    while (time.count() == 0) {
      (co_await client.send("x")).value();
      time = (co_await server.receive_one()).value().timestamp;
    }

    const auto now = std::chrono::system_clock::now().time_since_epoch();
    EXPECT_LT(time, now + std::chrono::minutes(1));
    EXPECT_GT(time, now - std::chrono::minutes(1));
  });
}

TEST_P(UdpReceiveTest, CountsWhatTheKernelDropped) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair({.receive_buffer_bytes = 1});  // the kernel's minimum
    constexpr std::size_t count = 100;
    for (std::size_t i = 0; i < count; ++i) (co_await client.send(pattern(1000, 1))).value();
    std::size_t received = 0;
    while (received == 0 || server.stats().dropped_by_kernel == 0) {
      // Drops are told with the first datagram that came after them.
      const DatagramBatch batch = (co_await server.receive()).value();
      received += batch.datagram_count();
      (co_await client.send("after")).value();
    }
    received += (co_await server.receive()).value().datagram_count();

    const UdpStats stats = server.stats();

    EXPECT_GT(stats.dropped_by_kernel, 0U);
    EXPECT_EQ(client.stats().datagrams_sent, received + stats.dropped_by_kernel);
  });
}

TEST_P(UdpReceiveTest, GoesOnWhenMemoryComesBack) {
  RuntimeOptions small = options();
  small.buffer_budget_bytes = std::size_t{256} << 10;
  run_net(small, []() -> Task<void> {
    auto [server, client] = udp_pair({.receive_buffer_bytes = 4U << 20});
    constexpr std::size_t count = 40;
    std::vector<Buffer> held;
    for (std::size_t i = 0; i < count; ++i) {
      (co_await client.send(pattern(30000, static_cast<unsigned>(i)))).value();
    }

    std::size_t received = 0;
    while (received < count) {
      const DatagramBatch batch = (co_await server.receive()).value();
      for (const Datagram& datagram : batch) {
        EXPECT_TRUE(text_of(datagram.payload()) == pattern(30000, static_cast<unsigned>(received)));
        ++received;
        held.push_back(datagram.share());  // until there is no memory left
      }
      if (held.size() > 2) held.clear();
    }

    EXPECT_EQ(server.stats().dropped_no_memory, 0U);
  });
}

}  // namespace
}  // namespace weir
