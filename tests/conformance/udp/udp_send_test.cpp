// What a UDP socket sends.
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/ipv6.h"
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

// Loopback takes a datagram out of the sender's buffer at once, so that sends never wait there. A
// pair of Unix sockets is full after some datagrams, and stays so until somebody reads.
class SlowPeer {
 public:
  SlowPeer() {
    constexpr int type = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    EXPECT_EQ(::socketpair(AF_UNIX, type, 0, fds_.data()), 0);
  }
  SlowPeer(const SlowPeer&) = delete;
  SlowPeer& operator=(const SlowPeer&) = delete;
  ~SlowPeer() { ::close(fds_[1]); }

  /// To be called once.
  [[nodiscard]] UdpSocket sender() {
    return UdpSocket::adopt(fds_[0], {}, {.send_offload = Switch::off});
  }
  /// All that is there.
  void read(std::vector<std::string>& texts) {
    std::array<char, 64> memory;
    for (;;) {
      const ssize_t bytes = ::recv(fds_[1], memory.data(), memory.size(), MSG_DONTWAIT);
      if (bytes < 0) return;
      texts.emplace_back(memory.data(), static_cast<std::size_t>(bytes));
    }
  }

 private:
  std::array<int, 2> fds_{};
};

struct NumberedDatagrams {
  explicit NumberedDatagrams(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) texts.push_back(std::to_string(i));
    for (const std::string& text : texts) batch.push_back({.payload = bytes_of(text)});
  }
  std::vector<std::string> texts;
  std::vector<OutgoingDatagram> batch;
};

Task<void> send_into(UdpSocket* socket, std::span<const OutgoingDatagram> datagrams,
                     std::optional<SendOutcome>* outcome) {
  outcome->emplace(co_await socket->send(datagrams));
}

TEST_P(UdpSendTest, ASendThatWaitsGoesOnWhenThereIsRoom) {
  run_net([]() -> Task<void> {
    SlowPeer peer;
    UdpSocket sender = peer.sender();
    const NumberedDatagrams sent(2000);
    std::optional<SendOutcome> outcome;
    Scope scope;
    scope.spawn(send_into(&sender, sent.batch, &outcome));
    co_await test::some_turns(5);
    EXPECT_FALSE(outcome);

    std::vector<std::string> texts;
    while (!outcome) {
      peer.read(texts);
      co_await test::some_turns(10);  // in which it fills again
    }
    peer.read(texts);
    (void)co_await scope.join();

    EXPECT_EQ(outcome->accepted, sent.batch.size());
    EXPECT_GT(sender.stats().send_waits, 1U);
    EXPECT_EQ(texts, sent.texts);
  });
}

TEST_P(UdpSendTest, ACancelledSendSaysHowFarItCame) {
  run_net([]() -> Task<void> {
    SlowPeer peer;
    UdpSocket sender = peer.sender();
    const NumberedDatagrams sent(2000);
    std::optional<SendOutcome> first;
    std::optional<SendOutcome> in_turn;
    {
      Scope scope;
      scope.spawn(send_into(&sender, sent.batch, &first));
      scope.spawn(send_into(&sender, sent.batch, &in_turn));
      co_await test::some_turns(5);
      scope.cancel();
      (void)co_await scope.join();
    }

    std::vector<std::string> texts;
    peer.read(texts);
    EXPECT_EQ(first->refused, Error::cancelled);
    EXPECT_GT(first->accepted, 0U);
    EXPECT_EQ(first->accepted, texts.size());
    EXPECT_EQ(first->datagrams, texts.size());
    EXPECT_EQ(in_turn->refused, Error::cancelled);
    EXPECT_EQ(in_turn->accepted, 0U);

    // What is behind it can be sent: then each has come once.
    std::optional<SendOutcome> rest;
    Scope scope;
    scope.spawn(send_into(&sender, std::span(sent.batch).subspan(first->accepted), &rest));
    while (!rest) {
      peer.read(texts);
      co_await yield();
    }
    peer.read(texts);
    (void)co_await scope.join();
    EXPECT_EQ(texts, sent.texts);
    EXPECT_EQ(sender.stats().datagrams_sent, sent.texts.size());
  });
}

TEST_P(UdpSendTest, ClosingEndsASendThatWaits) {
  run_net([]() -> Task<void> {
    SlowPeer peer;
    UdpSocket sender = peer.sender();
    const NumberedDatagrams sent(2000);
    std::optional<SendOutcome> first;
    std::optional<SendOutcome> in_turn;
    Scope scope;
    scope.spawn(send_into(&sender, sent.batch, &first));
    scope.spawn(send_into(&sender, sent.batch, &in_turn));
    co_await test::some_turns(5);

    EXPECT_EQ(sender.try_send(sent.batch).refused, from_errno(EAGAIN));
    sender.close();
    (void)co_await scope.join();

    std::vector<std::string> texts;
    peer.read(texts);
    EXPECT_EQ(first->refused, Error::closed);
    EXPECT_EQ(first->accepted, texts.size());
    EXPECT_EQ(in_turn->refused, Error::closed);
    EXPECT_EQ(in_turn->accepted, 0U);
  });
}

// Loopback has room at once for whatever is sent: only the turn ends.
TEST_P(UdpSendTest, AHugeBatchLeavesOthersTheirTurns) {
  run_net([]() -> Task<void> {
    auto [server, client] =
        udp_pair({.overflow = OverflowPolicy::drop_oldest}, {.send_offload = Switch::off});
    const NumberedDatagrams sent(10'000);
    std::optional<SendOutcome> outcome;
    Scope scope;
    scope.spawn(send_into(&client, sent.batch, &outcome));

    std::size_t turns = 0;
    for (; !outcome; ++turns) co_await yield();
    (void)co_await scope.join();

    EXPECT_TRUE(*outcome) << outcome->refused.message();
    EXPECT_EQ(outcome->accepted, sent.batch.size());
    EXPECT_EQ(outcome->datagrams, sent.batch.size());
    EXPECT_GE(turns, 10'000U / 256);
    EXPECT_EQ(client.stats().send_waits, 0U);
  });
}

TEST_P(UdpSendTest, AHugeBatchOfTrainsLeavesOthersTheirTurns) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair({.overflow = OverflowPolicy::drop_oldest});
    const std::string payload = pattern(std::size_t{16} << 20, 1);
    const std::array<OutgoingDatagram, 1> train{
        {{.payload = bytes_of(payload), .segment_bytes = 1000}}};
    std::optional<SendOutcome> outcome;
    Scope scope;
    scope.spawn(send_into(&client, train, &outcome));

    std::size_t turns = 0;
    for (; !outcome; ++turns) co_await yield();
    (void)co_await scope.join();

    EXPECT_EQ(outcome->accepted, 1U);
    EXPECT_EQ(client.stats().bytes_sent, payload.size());
    EXPECT_GE(turns, 12U);  // 1 MiB each, and the rest of the train that reaches it
  });
}

TEST_P(UdpSendTest, ATaskThatSendsWithoutEndLeavesOthersTheirTurns) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair({.overflow = OverflowPolicy::drop_oldest});
    bool is_over = false;
    Scope scope;
    scope.spawn([](UdpSocket* socket, bool* over) -> Task<void> {
      while (!*over) (co_await socket->send("again")).value();
    }(&client, &is_over));

    co_await test::some_turns(10);
    is_over = true;  // reached only if it does not keep the shard
    (void)co_await scope.join();

    EXPECT_GT(client.stats().datagrams_sent, 256U);
  });
}

TEST_P(UdpSendTest, EachOfSeveralHugeBatchesGoesOn) {
  run_net([]() -> Task<void> {
    std::array<std::optional<SendOutcome>, 3> outcomes;
    const NumberedDatagrams sent(3000);
    UdpSocket server =
        UdpSocket::bind(Address::loopback(0), {.overflow = OverflowPolicy::drop_oldest}).value();
    std::vector<UdpSocket> clients;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      clients.push_back(
          UdpSocket::connect(server.local_address().value(), {.send_offload = Switch::off})
              .value());
    }
    Scope scope;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      scope.spawn(send_into(&clients[i], sent.batch, &outcomes[i]));
    }

    co_await test::until([&] { return outcomes[0].has_value(); });
    // The first had no more of them than the others.
    for (const UdpSocket& client : clients) {
      EXPECT_GE(client.stats().datagrams_sent, sent.batch.size() - 3 * 256);
    }
    (void)co_await scope.join();

    for (const auto& outcome : outcomes) EXPECT_EQ(outcome->accepted, sent.batch.size());
  });
}

TEST_P(UdpSendTest, ASendThatAwaitsItsTurnEndsWhenCancelledOrClosed) {
  for (const bool closes : {false, true}) {
    run_net([closes]() -> Task<void> {
      auto [server, client] = udp_pair({}, {.send_offload = Switch::off});
      const NumberedDatagrams sent(10'000);
      std::optional<SendOutcome> outcome;
      Scope scope;
      scope.spawn(send_into(&client, sent.batch, &outcome));
      co_await test::some_turns(3);
      EXPECT_FALSE(outcome);
      const std::uint64_t taken = client.stats().datagrams_sent;

      if (closes) {
        client.close();
      } else {
        scope.cancel();
      }
      (void)co_await scope.join();

      EXPECT_EQ(outcome->refused, closes ? Error::closed : Error::cancelled);
      EXPECT_EQ(outcome->accepted, taken);
      EXPECT_GT(taken, 0U);
      EXPECT_LT(taken, sent.batch.size());
    });
  }
}

TEST_P(UdpSendTest, SaysHowFarItCameInsideATrain) {
  run_net([]() -> Task<void> {
    SlowPeer peer;
    UdpSocket client = peer.sender();
    const std::string payload = pattern(64 * 1000, 1);
    const std::array<OutgoingDatagram, 1> train{
        {{.payload = bytes_of(payload), .segment_bytes = 64}}};
    std::vector<std::string> texts;

    // One by one, because this socket knows no trains; the peer's queue is full long before the
    // end.
    const SendOutcome part = client.try_send(train);
    peer.read(texts);
    const std::size_t datagrams_before = texts.size();

    EXPECT_EQ(part.refused, from_errno(EAGAIN));
    EXPECT_EQ(part.accepted, 0U);
    EXPECT_EQ(part.datagrams, datagrams_before);
    EXPECT_EQ(part.offset, datagrams_before * 64);
    EXPECT_GT(part.offset, 0U);
    // Who skips what was taken sends nothing twice.
    const std::array<OutgoingDatagram, 1> rest{
        {{.payload = bytes_of(payload).subspan(part.offset).first(64), .segment_bytes = 64}}};
    EXPECT_TRUE(client.try_send(rest));
    peer.read(texts);
    std::string joined;
    for (const std::string& text : texts) joined += text;
    EXPECT_TRUE(joined == payload.substr(0, part.offset + 64));
    co_return;
  });
}

TEST_P(UdpSendTest, AnIpv6SocketMarksWhatItSendsToAnIpv4Peer) {
  WEIR_NEEDS_IPV6();
  run_net([]() -> Task<void> {
    UdpSocket server =
        UdpSocket::bind(Address::loopback(0), {.receive_traffic_class = Switch::on}).value();
    UdpSocket client = UdpSocket::bind(Address::any_ipv6(0), {.dual_stack = Switch::on}).value();
    const std::array<OutgoingDatagram, 1> marked{{{.payload = bytes_of("x"),
                                                   .peer = server.local_address().value(),
                                                   .ecn = Ecn::capable_1}}};

    const SendOutcome sent = co_await client.send(marked);
    const DatagramTrain got = (co_await server.receive_one()).value();

    EXPECT_TRUE(sent) << sent.refused.message();
    EXPECT_EQ(got.ecn(), Ecn::capable_1);
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
