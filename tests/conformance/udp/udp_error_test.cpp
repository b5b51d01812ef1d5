// What the network says of datagrams sent, and errors of the calls.
#include <array>
#include <cerrno>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/ipv6.h"
#include "tests/support/udp_fixture.h"

namespace weir {
namespace {

using test::udp_pair;

class UdpErrorTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(UdpErrorTest);

/// A port of this machine that nobody listens on any more.
Address closed_port(const Address& local = Address::loopback(0)) {
  return UdpSocket::bind(local).value().local_address().value();
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

TEST_P(UdpErrorTest, ErrorsComeOverIPv6Too) {
  WEIR_NEEDS_IPV6();
  run_net([]() -> Task<void> {
    const Address nobody = closed_port(Address::loopback_ipv6(0));
    UdpSocket client = UdpSocket::connect(nobody).value();
    UdpSocket server = UdpSocket::bind(Address::loopback_ipv6(0)).value();
    (co_await client.send("anybody?")).value();
    (co_await server.send_to(nobody, "anybody?")).value();

    const auto answer = co_await client.receive();
    const DatagramError error = (co_await server.next_error()).value();

    EXPECT_EQ(answer.error(), std::errc::connection_refused);
    EXPECT_TRUE(client.take_error());
    EXPECT_EQ(error.kind, DatagramError::Kind::unreachable);
    EXPECT_EQ(error.error, std::errc::connection_refused);
    EXPECT_EQ(Address(error.peer), nobody);
    EXPECT_EQ(Address(error.reporter).host(), "::1");
  });
}

TEST_P(UdpErrorTest, ADualStackSocketIsToldOfPeersOfBothFamilies) {
  WEIR_NEEDS_IPV6();
  run_net([]() -> Task<void> {
    UdpSocket server = UdpSocket::bind(Address::any_ipv6(0), {.dual_stack = Switch::on}).value();
    const Address ipv4 = closed_port();
    const Address ipv6 = closed_port(Address::loopback_ipv6(0));
    (co_await server.send_to(ipv4, "anybody?")).value();
    const DatagramError first = (co_await server.next_error()).value();
    (co_await server.send_to(ipv6, "anybody?")).value();
    const DatagramError second = (co_await server.next_error()).value();

    EXPECT_EQ(first.error, std::errc::connection_refused);
    EXPECT_EQ(Address(first.peer).host(), "::ffff:127.0.0.1");
    EXPECT_EQ(first.peer.port(), ipv4.port());
    EXPECT_EQ(second.error, std::errc::connection_refused);
    EXPECT_EQ(Address(second.peer), ipv6);
  });
}

TEST_P(UdpErrorTest, EachPeerOfABatchThatIsNotThereIsTold) {
  run_net([]() -> Task<void> {
    UdpSocket receiver = UdpSocket::bind(Address::loopback(0)).value();
    UdpSocket sender = UdpSocket::bind(Address::loopback(0)).value();
    const std::array<Address, 3> nobody{closed_port(), closed_port(), closed_port()};
    std::vector<OutgoingDatagram> batch;
    for (const Address& peer : nobody) {
      batch.push_back({.payload = test::bytes_of("anybody?"), .peer = peer});
      batch.push_back(
          {.payload = test::bytes_of("hello"), .peer = receiver.local_address().value()});
    }

    const SendOutcome outcome = co_await sender.send(batch);
    std::vector<Address> told;
    while (told.size() < nobody.size()) {
      told.push_back((co_await sender.next_error()).value().peer);
    }
    const auto texts = co_await test::receive_texts(&receiver, nobody.size());

    EXPECT_TRUE(outcome) << outcome.refused.message();
    EXPECT_EQ(outcome.accepted, batch.size());
    EXPECT_THAT(told, testing::ElementsAreArray(nobody));
    EXPECT_EQ(texts.size(), nobody.size());
    EXPECT_EQ(sender.stats().errors_received, nobody.size());
  });
}

// Who drops receives without being asked, and goes on when an error has come between.
TEST_P(UdpErrorTest, WhoDropsGoesOnReceivingAfterAnError) {
  run_net([]() -> Task<void> {
    for (const Switch errors : {Switch::on, Switch::off}) {
      SCOPED_TRACE(static_cast<int>(errors));
      const Address nobody = closed_port();
      UdpSocket client = UdpSocket::connect(nobody, {.receive_bytes_max = 4096,
                                                     .overflow = OverflowPolicy::drop_oldest,
                                                     .errors = errors})
                             .value();
      (co_await client.send("anybody?")).value();
      co_await test::some_turns(20);
      UdpSocket peer = UdpSocket::bind(nobody).value();
      const Address to = client.local_address().value();
      for (int i = 0; i < 100; ++i) (co_await peer.send_to(to, "here now")).value();
      co_await test::until([&client] { return client.stats().datagrams_received == 100; });
      co_await test::some_turns(2);  // in which the policy is applied

      const UdpStats stats = client.stats();
      const auto batch = co_await client.receive();
      if (!batch) {
        ADD_FAILURE() << batch.error().message();
        co_return;
      }
      const auto after = co_await client.receive();

      EXPECT_EQ(stats.datagrams_received, 100U);
      EXPECT_EQ(stats.dropped_oldest, 70U);
      EXPECT_EQ(after.error(), std::errc::connection_refused);
    }
  });
}

// The kernel itself says so, before anything leaves.
TEST_P(UdpErrorTest, TooBigTellsWhatThePathTakes) {
  WEIR_NEEDS_IPV6();
  run_net([]() -> Task<void> {
    for (const bool is_connected : {false, true}) {
      UdpSocket server = UdpSocket::bind(Address::loopback_ipv6(0)).value();
      const Address to = server.local_address().value();
      const UdpOptions options{.path_mtu = PathMtuPolicy::discover};
      UdpSocket client = (is_connected ? UdpSocket::connect(to, options)
                                       : UdpSocket::bind(Address::loopback_ipv6(0), options))
                             .value();
      const std::string text(65536 - 47, 'x');  // a byte more than fits with both headers
      const InternetAddress peer = is_connected ? InternetAddress() : InternetAddress(to);
      // The first call fails behind a datagram that it has sent, and is made again.
      const std::array<OutgoingDatagram, 2> batch{
          {{.payload = test::bytes_of("fits"), .peer = peer},
           {.payload = test::bytes_of(text), .peer = peer}}};

      const SendOutcome outcome = co_await client.send(batch);
      const auto told = client.take_error();

      EXPECT_EQ(outcome.accepted, 1U);
      EXPECT_EQ(outcome.refused, from_errno(EMSGSIZE));
      EXPECT_TRUE(told);
      if (!told) co_return;
      EXPECT_EQ(told->kind, DatagramError::Kind::too_big);
      EXPECT_EQ(told->error, from_errno(EMSGSIZE));
      EXPECT_EQ(told->mtu_bytes, 65536U);
      EXPECT_EQ(Address(told->peer).host(), "::1");
      EXPECT_TRUE(told->reporter.is_none());
      EXPECT_FALSE(client.take_error());  // once
      EXPECT_EQ(client.stats().errors_received, 1U);
    }
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
