// A connected socket and what others had sent to it before it was connected: connect(2) leaves that
// in the socket.
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/ipv6.h"
#include "tests/support/udp_fixture.h"

namespace weir {
namespace {

using test::bytes_of;
using test::pattern;
using testing::ElementsAre;

class UdpStrangerTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(UdpStrangerTest);

/// A socket in the state between bind and connect, however long that lasts.
class BoundSocket {
 public:
  explicit BoundSocket(const Address& local)
      : fd_(::socket(local.socket_domain(), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    EXPECT_EQ(::bind(fd_, local.as_sockaddr(), local.sockaddr_length()), 0);
  }
  BoundSocket(const BoundSocket&) = delete;
  BoundSocket& operator=(const BoundSocket&) = delete;
  ~BoundSocket() {
    if (fd_ >= 0) ::close(fd_);
  }

  [[nodiscard]] Address address() const {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    auto* const name = static_cast<sockaddr*>(static_cast<void*>(&storage));
    EXPECT_EQ(::getsockname(fd_, name, &length), 0);
    return Address::from_sockaddr(name, length).value();
  }
  /// What UdpSocket::connect does after its bind.
  [[nodiscard]] UdpSocket connect(const Address& peer, const UdpOptions& options = {}) {
    EXPECT_EQ(::connect(fd_, peer.as_sockaddr(), peer.sockaddr_length()), 0);
    return UdpSocket::adopt(std::exchange(fd_, -1), peer, options);
  }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

TEST_P(UdpStrangerTest, WhatStrangersSentBeforeTheConnectIsDroppedAndCounted) {
  WEIR_NEEDS_IPV6();
  struct Families {
    const char *peer, *ours, *ours_for_others;
  };
  for (const Families& v : {Families{"127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:"},
                            Families{"[::1]:0", "[::1]:0", "[::1]:"},
                            Families{"127.0.0.1:0", "[::]:0", "127.0.0.1:"}}) {
    SCOPED_TRACE(v.ours);
    run_net([&v]() -> Task<void> {
      UdpSocket peer = UdpSocket::bind(Address::parse(v.peer).value()).value();
      UdpSocket stranger = UdpSocket::bind(Address::parse(v.peer).value()).value();
      BoundSocket bound(Address::parse(v.ours).value());
      const Address ours =
          Address::parse(v.ours_for_others + std::to_string(bound.address().port())).value();
      (co_await stranger.send_to(ours, "early stranger")).value();
      (co_await peer.send_to(ours, "early peer")).value();
      (co_await stranger.send_to(ours, "")).value();

      UdpSocket socket = bound.connect(peer.local_address().value());
      (co_await stranger.send_to(ours, "late stranger")).value();
      (co_await peer.send_to(ours, "late peer")).value();
      const auto texts = co_await test::receive_texts(&socket, 2);

      EXPECT_THAT(texts, ElementsAre("early peer", "late peer"));
      EXPECT_EQ(socket.stats().datagrams_received, 2U);
      EXPECT_EQ(socket.stats().dropped_strangers, 2U);
    });
  }
}

TEST_P(UdpStrangerTest, EachDatagramOfAStrangersTrainIsCounted) {
  run_net([]() -> Task<void> {
    UdpSocket peer = UdpSocket::bind(Address::loopback(0)).value();
    UdpSocket stranger = UdpSocket::bind(Address::loopback(0)).value();
    BoundSocket bound(Address::loopback(0));
    constexpr int on = 1;
    ::setsockopt(bound.fd(), SOL_UDP, UDP_GRO, &on, sizeof on);
    const std::string payload = pattern(10 * 1000 + 1, 3);
    const std::array<OutgoingDatagram, 1> train{
        {{.payload = bytes_of(payload), .peer = bound.address(), .segment_bytes = 1000}}};
    EXPECT_TRUE(co_await stranger.send(train));

    UdpSocket socket = bound.connect(peer.local_address().value());
    (co_await peer.send_to(socket.local_address().value(), "peer")).value();
    const auto texts = co_await test::receive_texts(&socket, 1);

    EXPECT_THAT(texts, ElementsAre("peer"));
    EXPECT_EQ(socket.stats().dropped_strangers, 11U);
  });
}

TEST_P(UdpStrangerTest, AReceiveGoesOnWaitingThoughStrangersHadSent) {
  run_net([]() -> Task<void> {
    UdpSocket peer = UdpSocket::bind(Address::loopback(0)).value();
    UdpSocket stranger = UdpSocket::bind(Address::loopback(0)).value();
    BoundSocket bound(Address::loopback(0));
    for (int i = 0; i < 300; ++i) {
      (co_await stranger.send_to(bound.address(), std::to_string(i))).value();
    }
    UdpSocket socket = bound.connect(peer.local_address().value());
    std::vector<std::string> texts;
    Scope scope;
    scope.spawn([](UdpSocket* from, std::vector<std::string>* out) -> Task<void> {
      *out = co_await test::receive_texts(from, 1);
    }(&socket, &texts));

    co_await test::until([&] {
      const UdpStats stats = socket.stats();
      return stats.dropped_strangers + stats.dropped_by_kernel == 300;
    });
    EXPECT_TRUE(texts.empty());
    (co_await peer.send_to(socket.local_address().value(), "peer")).value();
    (void)co_await scope.join();

    EXPECT_THAT(texts, ElementsAre("peer"));
  });
}

TEST_P(UdpStrangerTest, APeerNamedByAnyAddressIsTheLoopbackOne) {
  run_net([]() -> Task<void> {
    UdpSocket peer = UdpSocket::bind(Address::loopback(0)).value();
    // Linux connects to the loopback address instead.
    UdpSocket socket =
        UdpSocket::connect(Address::any(peer.local_address()->port()), {}, Address::loopback(0))
            .value();
    (co_await peer.send_to(socket.local_address().value(), "peer")).value();

    EXPECT_THAT(co_await test::receive_texts(&socket, 1), ElementsAre("peer"));
    EXPECT_EQ(socket.stats().dropped_strangers, 0U);
  });
}

}  // namespace
}  // namespace weir
