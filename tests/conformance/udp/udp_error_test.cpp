// What the network says of datagrams sent, and errors of the calls.
#include <cerrno>
#include <cstddef>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/udp_fixture.h"

namespace weir {
namespace {

using test::udp_pair;

class UdpErrorTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(UdpErrorTest);

/// A port of this machine that nobody listens on any more.
Address closed_port() {
  return UdpSocket::bind(Address::loopback(0)).value().local_address().value();
}

TEST_P(UdpErrorTest, AConnectedSocketHearsThatNobodyListens) {
  run_net([]() -> Task<void> {
    const Address nobody = closed_port();
    UdpSocket client = UdpSocket::connect(nobody).value();
    (co_await client.send("anybody?")).value();

    const auto answer = co_await client.receive();
    const auto reported = client.take_error();

    EXPECT_EQ(answer.error(), std::errc::connection_refused);
    EXPECT_TRUE(reported);
    if (!reported) co_return;
    EXPECT_EQ(reported->kind, DatagramError::Kind::unreachable);
    EXPECT_EQ(Address(reported->peer), nobody);
  });
}

TEST_P(UdpErrorTest, AnUnconnectedSocketIsToldWhichPeerAndGoesOn) {
  run_net([]() -> Task<void> {
    UdpSocket server = UdpSocket::bind(Address::loopback(0)).value();
    UdpSocket client = UdpSocket::connect(server.local_address().value()).value();
    const Address nobody = closed_port();
    (co_await server.send_to(nobody, "anybody?")).value();

    const DatagramError error = (co_await server.next_error()).value();
    (co_await client.send("I am here")).value();
    const auto texts = co_await test::receive_texts(&server, 1);

    EXPECT_EQ(error.kind, DatagramError::Kind::unreachable);
    EXPECT_EQ(error.error, std::errc::connection_refused);
    EXPECT_EQ(Address(error.peer), nobody);
    EXPECT_EQ(Address(error.reporter).host(), "127.0.0.1");
    EXPECT_EQ(texts.size(), 1U);
  });
}

TEST_P(UdpErrorTest, AnErrorOfOnePeerDoesNotKeepDatagramsFromAnother) {
  run_net([]() -> Task<void> {
    UdpSocket sender = UdpSocket::bind(Address::loopback(0)).value();
    UdpSocket receiver = UdpSocket::bind(Address::loopback(0)).value();
    const Address nobody = closed_port();
    for (int i = 0; i < 20; ++i) {
      (co_await sender.send_to(nobody, "x")).value();
      (co_await sender.send_to(receiver.local_address().value(), "y")).value();
    }

    EXPECT_EQ((co_await test::receive_texts(&receiver, 20)).size(), 20U);
    EXPECT_EQ(sender.stats().datagrams_sent, 40U);
  });
}

// Errors share the receive buffer with datagrams. Where that is full the kernel drops the message
// and fails a call all the same.
TEST_P(UdpErrorTest, AnErrorThatFoundNoRoomDoesNotEndAServer) {
  run_net([]() -> Task<void> {
    UdpSocket server = UdpSocket::bind(Address::loopback(0), {.receive_bytes_max = 2048}).value();
    server.set_receive_buffer(4096).value();
    UdpSocket client = UdpSocket::connect(server.local_address().value()).value();
    const std::string text(512, 'x');
    for (int i = 0; i < 200; ++i) (co_await client.send(text)).value();
    co_await test::some_turns(3);
    for (int i = 0; i < 3; ++i) (co_await server.send_to(closed_port(), "anybody?")).value();

    std::size_t received = 0;
    for (int i = 0; i < 6; ++i) {
      const Result<DatagramTrain> datagram = co_await server.receive_one();
      EXPECT_TRUE(datagram) << datagram.error().message();
      received += datagram ? 1 : 0;
    }
    (co_await server.send_to(client.local_address().value(), "still here")).value();
    const auto answer = co_await client.receive();

    EXPECT_EQ(received, 6U);
    EXPECT_TRUE(answer);
  });
}

TEST_P(UdpErrorTest, KeepsTheLastErrorsAndCountsTheRest) {
  run_net([]() -> Task<void> {
    UdpSocket sender = UdpSocket::bind(Address::loopback(0)).value();
    const Address nobody = closed_port();
    for (int i = 0; i < 100; ++i) (co_await sender.send_to(nobody, "x")).value();
    (co_await sender.next_error()).value();

    co_await test::some_turns(20);
    const UdpStats stats = sender.stats();
    std::size_t left = 0;
    while (sender.take_error()) ++left;

    EXPECT_EQ(stats.errors_received, 1 + left + stats.errors_dropped);
    EXPECT_LE(left, 64U);
  });
}

// The kernel tells the next call on the socket, which may be a send of somebody else's.
TEST_P(UdpErrorTest, AnErrorThatASendComesAcrossReachesWhoWaitsForIt) {
  run_net([]() -> Task<void> {
    UdpSocket sender = UdpSocket::bind(Address::loopback(0)).value();
    const Address nobody = closed_port();
    for (int round = 0; round < 50; ++round) {
      std::optional<DatagramError> told;
      Scope scope;
      scope.spawn([](UdpSocket* socket, std::optional<DatagramError>* out) -> Task<void> {
        *out = (co_await socket->next_error()).value();
      }(&sender, &told));
      co_await test::some_turns(3);

      // The error of the first is there when the second is sent, without a turn in between.
      (co_await sender.send_to(nobody, "x")).value();
      (co_await sender.send_to(nobody, "y")).value();
      (void)co_await scope.join();

      EXPECT_EQ(Address(told->peer), nobody);
      co_await test::some_turns(3);
      while (sender.take_error()) {
      }
    }
  });
}

TEST_P(UdpErrorTest, AnErrorCannotBeAwaitedWhereNoneIsKept) {
  run_net([]() -> Task<void> {
    UdpSocket socket = UdpSocket::bind(Address::loopback(0), {.errors = Switch::off}).value();

    EXPECT_EQ((co_await socket.next_error()).error(), Error::unsupported);
    EXPECT_EQ((co_await socket.next_send_timestamp()).error(), Error::unsupported);
  });
}

TEST_P(UdpErrorTest, RefusesWhatIsNoUdpAddressOrOption) {
  run_net([]() -> Task<void> {
    const Address path = Address::from_unix_path("/tmp/x").value();

    EXPECT_EQ(UdpSocket::bind(path).error(), Error::address_invalid);
    EXPECT_EQ(UdpSocket::connect(path).error(), Error::address_invalid);
    EXPECT_EQ(UdpSocket::bind(Address::loopback(0), {.payload_bytes_max = 0}).error(),
              Error::option_invalid);
    const UdpSocket first = UdpSocket::bind(Address::loopback(0)).value();
    EXPECT_EQ(UdpSocket::bind(first.local_address().value()).error(), from_errno(EADDRINUSE));
    co_return;
  });
}

}  // namespace
}  // namespace weir
