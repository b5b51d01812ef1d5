// What a UDP socket sends.
#include <array>
#include <cerrno>
#include <cstddef>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/udp_fixture.h"

namespace weir {
namespace {

using test::bytes_of;
using test::pattern;
using test::udp_pair;
using testing::ElementsAre;

class UdpSendTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(UdpSendTest);

TEST_P(UdpSendTest, SendsABatchToSeveralPeersInOrder) {
  run_net([]() -> Task<void> {
    UdpSocket sender = UdpSocket::bind(Address::loopback(0)).value();
    UdpSocket first = UdpSocket::bind(Address::loopback(0)).value();
    UdpSocket second = UdpSocket::bind(Address::loopback(0)).value();
    const InternetAddress a = first.local_address().value();
    const InternetAddress b = second.local_address().value();
    const std::array<OutgoingDatagram, 6> batch{{{.payload = bytes_of("one"), .peer = a},
                                                 {.payload = bytes_of("two"), .peer = a},
                                                 {.payload = bytes_of("x"), .peer = b},
                                                 {.payload = bytes_of("three"), .peer = a},
                                                 {.payload = {}, .peer = b},
                                                 {.payload = bytes_of("y"), .peer = b}}};

    const SendOutcome outcome = co_await sender.send(batch);

    EXPECT_EQ(outcome.accepted, 6U);
    EXPECT_EQ(outcome.datagrams, 6U);
    EXPECT_THAT(co_await test::receive_texts(&first, 3), ElementsAre("one", "two", "three"));
    EXPECT_THAT(co_await test::receive_texts(&second, 3), ElementsAre("x", "", "y"));
  });
}

TEST_P(UdpSendTest, SaysWhichDatagramWasRefusedAndSendsWhatIsBeforeIt) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair();
    const std::string too_large(65508, 'x');
    const std::array<OutgoingDatagram, 3> batch{{{.payload = bytes_of("before")},
                                                 {.payload = bytes_of(too_large)},
                                                 {.payload = bytes_of("after")}}};

    const SendOutcome outcome = co_await client.send(batch);
    const SendOutcome rest = co_await client.send(std::span(batch).subspan(2));

    EXPECT_EQ(outcome.accepted, 1U);
    EXPECT_EQ(outcome.refused, from_errno(EMSGSIZE));
    EXPECT_TRUE(rest);
    EXPECT_THAT(co_await test::receive_texts(&server, 2), ElementsAre("before", "after"));
  });
}

TEST_P(UdpSendTest, WaitsForRoomAndThenGoesOn) {
  run_net([]() -> Task<void> {
    // A send buffer that holds a few datagrams, and a receiver whose memory they count against.
    auto [server, client] =
        udp_pair({.receive_buffer_bytes = 4U << 20}, {.send_offload = Switch::off});
    client.set_send_buffer(1).value();
    const std::string payload = pattern(1000, 1);
    std::vector<OutgoingDatagram> batch(500, OutgoingDatagram{.payload = bytes_of(payload)});

    const SendOutcome outcome = co_await client.send(batch);

    EXPECT_EQ(outcome.accepted, batch.size()) << outcome.refused.message();
    const auto texts = co_await test::receive_texts(&server, batch.size());
    EXPECT_EQ(texts.size(), batch.size());
  });
}

TEST_P(UdpSendTest, TellsWhenADatagramLeft) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair({}, {.send_timestamps = Switch::on});
    (co_await client.send("a")).value();
    (co_await client.send("b")).value();

    const SendTimestamp first = (co_await client.next_send_timestamp()).value();
    const SendTimestamp second = (co_await client.next_send_timestamp()).value();

    EXPECT_EQ(first.index, 0U);
    EXPECT_EQ(second.index, 1U);
    EXPECT_GE(second.time, first.time);
  });
}

TEST_P(UdpSendTest, TriesWithoutWaiting) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair();
    const std::array<OutgoingDatagram, 1> one{{{.payload = bytes_of("x")}}};

    EXPECT_TRUE(client.try_send(one));
    client.close();

    EXPECT_EQ(client.try_send(one).refused, Error::closed);
    EXPECT_THAT(co_await test::receive_texts(&server, 1), ElementsAre("x"));
  });
}

}  // namespace
}  // namespace weir
