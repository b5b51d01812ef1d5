// Groups, broadcasts and trains over a real link: two namespaces with a veth(4) pair of MTU 1500
// between them. What goes over one is in order, so that a later datagram shows that an earlier one
// was not for this socket.
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/udp_fixture.h"
#include "tools/weir/bench/nagle/veth_link.h"

namespace weir {
namespace {

using delay_relay::NetworkNamespace;
using testing::AnyOf;
using testing::ElementsAre;
using tools::bench::VethLink;

constexpr unsigned mtu = 1500;
constexpr std::size_t headers = 28;  ///< of IPv4 and UDP
const char* const client_host = "198.18.0.1";
const char* const server_host = "198.18.0.2";

Address at(const std::string& host, std::uint16_t port) {
  return Address::parse(host + ":" + std::to_string(port)).value();
}

unsigned link_index() { return ::if_nametoindex("weir0"); }

/// This thread is in that namespace until the end of the scope.
class Inside {
 public:
  explicit Inside(const NetworkNamespace& place) : home_(here()) { go(place); }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  ~Inside() { go(home_); }

 private:
  static NetworkNamespace here() {
    auto opened = NetworkNamespace::open("/proc/thread-self/ns/net");
    if (!opened) throw std::runtime_error(opened.error().to_string());
    return std::move(*opened);
  }
  static void go(const NetworkNamespace& place) {
    const auto entered = place.enter();
    EXPECT_TRUE(entered.has_value()) << entered.error().to_string();
  }

  NetworkNamespace home_;
};

class UdpLinkTest : public test::NetTest {
 protected:
  void SetUp() override {
    test::NetTest::SetUp();
    auto made = VethLink::make(mtu);
    if (!made) {
      ASSERT_THAT(made.error().why.value(),
                  AnyOf(EPERM, EACCES, ENOENT, ENODEV, ENOSYS, ENOSPC, EOPNOTSUPP))
          << made.error().to_string();
      GTEST_SKIP() << made.error().to_string() << ": needs root, and a kernel with veth";
    }
    link_.emplace(std::move(*made));
  }

  /// On any address, as a member of a group has to be.
  UdpSocket server(UdpOptions options = {}) {
    const Inside inside(link_->server());
    return UdpSocket::bind(Address::any(0), options).value();
  }
  /// Sends to groups by the link.
  UdpSocket client(UdpOptions options = {}) {
    const Inside inside(link_->client());
    UdpSocket sender = UdpSocket::bind(at(client_host, 0), options).value();
    sender.set_multicast_interface(link_index()).value();
    return sender;
  }
  UdpSocket connected(const Address& peer, UdpOptions options) {
    const Inside inside(link_->client());
    return UdpSocket::connect(peer, options).value();
  }
  /// A member beside the sender, and one at the other end of the link.
  struct Group {
    UdpSocket sender;
    UdpSocket near;
    UdpSocket far;
    Address address;
  };
  Group one_group() {
    UdpSocket far = server();
    const Address group = at("239.7.8.9", far.local_address()->port());
    far.join(group, server_index()).value();
    UdpSocket sender = client();
    const Inside inside(link_->client());
    UdpSocket near = UdpSocket::bind(Address::any(group.port())).value();
    near.join(group, link_index()).value();
    return {std::move(sender), std::move(near), std::move(far), group};
  }
  unsigned server_index() {
    const Inside inside(link_->server());
    return link_index();
  }

 private:
  std::optional<VethLink> link_;
};
WEIR_ON_EACH_BACKEND(UdpLinkTest);

TEST_P(UdpLinkTest, AMemberHearsTheGroupUntilItLeaves) {
  run_net([this]() -> Task<void> {
    UdpSocket member = server({.receive_hop_limit = Switch::on, .receive_local = Switch::on});
    UdpSocket sender = client();
    const std::uint16_t port = member.local_address()->port();
    const Address group = at("239.7.8.9", port);
    sender.set_multicast_hop_limit(7).value();
    (co_await sender.send_to(group, "before")).value();

    member.join(group, server_index()).value();
    (co_await sender.send_to(group, "member")).value();
    const DatagramTrain heard = (co_await member.receive_one()).value();
    member.leave(group, server_index()).value();
    (co_await sender.send_to(group, "after")).value();
    (co_await sender.send_to(at(server_host, port), "unicast")).value();
    const auto next = co_await test::receive_texts(&member, 1);

    EXPECT_EQ(test::text_of(heard.payload.bytes()), "member");
    EXPECT_EQ(heard.hop_limit, 7);
    EXPECT_EQ(Address(heard.peer), sender.local_address().value());
    EXPECT_EQ(Address(heard.local), at("239.7.8.9", 0));
    EXPECT_EQ(heard.interface_index, server_index());
    EXPECT_THAT(next, ElementsAre("unicast"));
  });
}

TEST_P(UdpLinkTest, AMemberOfOneSourceHearsNoOther) {
  run_net([this]() -> Task<void> {
    UdpSocket member = server();
    UdpSocket sender = client();
    const std::uint16_t port = member.local_address()->port();
    const Address group = at("232.7.8.9", port);
    const Address other = at(server_host, 0);

    member.join(group, server_index(), other).value();
    (co_await sender.send_to(group, "of another source")).value();
    member.leave(group, server_index(), other).value();
    member.join(group, server_index(), at(client_host, 0)).value();
    (co_await sender.send_to(group, "wanted")).value();
    const auto heard = co_await test::receive_texts(&member, 1);

    EXPECT_THAT(heard, ElementsAre("wanted"));
  });
}

TEST_P(UdpLinkTest, AHopLimitOfZeroStaysOnTheMachine) {
  run_net([this]() -> Task<void> {
    Group group = one_group();
    group.sender.set_multicast_hop_limit(0).value();
    (co_await group.sender.send_to(group.address, "near")).value();
    group.sender.set_multicast_hop_limit(1).value();
    (co_await group.sender.send_to(group.address, "far")).value();
    const auto heard_far = co_await test::receive_texts(&group.far, 1);
    const auto heard_near = co_await test::receive_texts(&group.near, 2);

    EXPECT_THAT(heard_far, ElementsAre("far"));
    EXPECT_THAT(heard_near, ElementsAre("near", "far"));
  });
}

TEST_P(UdpLinkTest, WithoutTheLoopOnlyOthersHear) {
  run_net([this]() -> Task<void> {
    Group group = one_group();
    group.sender.set_multicast_loop(Switch::off).value();
    (co_await group.sender.send_to(group.address, "away")).value();
    group.sender.set_multicast_loop(Switch::on).value();
    (co_await group.sender.send_to(group.address, "all")).value();
    const auto heard_far = co_await test::receive_texts(&group.far, 2);
    const auto heard_near = co_await test::receive_texts(&group.near, 1);

    EXPECT_THAT(heard_far, ElementsAre("away", "all"));
    EXPECT_THAT(heard_near, ElementsAre("all"));
  });
}

TEST_P(UdpLinkTest, ABroadcastNeedsToBeAllowed) {
  run_net([this]() -> Task<void> {
    UdpSocket receiver = server();
    UdpSocket sender = client();
    const Address everyone = at("198.18.0.3", receiver.local_address()->port());

    const Result<void> refused = co_await sender.send_to(everyone, "not yet");
    sender.set_broadcast(Switch::on).value();
    (co_await sender.send_to(everyone, "all")).value();
    const auto heard = co_await test::receive_texts(&receiver, 1);

    EXPECT_EQ(refused.error(), from_errno(EACCES));
    EXPECT_THAT(heard, ElementsAre("all"));
  });
}

TEST_P(UdpLinkTest, WhatIsLargerThanTheLinkIsRefusedOrCutAsThePolicySays) {
  run_net([this]() -> Task<void> {
    UdpSocket receiver = server();
    UdpSocket sender = client();
    const Address peer = at(server_host, receiver.local_address()->port());
    const std::string fits = test::pattern(mtu - headers, 1);
    const std::string too_large = test::pattern(mtu - headers + 1, 2);

    sender.set_path_mtu_policy(PathMtuPolicy::discover).value();
    (co_await sender.send_to(peer, fits)).value();
    const Result<void> refused = co_await sender.send_to(peer, too_large);
    sender.set_path_mtu_policy(PathMtuPolicy::fragment).value();
    (co_await sender.send_to(peer, too_large)).value();
    const auto heard = co_await test::receive_texts(&receiver, 2);

    EXPECT_EQ(refused.error(), from_errno(EMSGSIZE));
    EXPECT_EQ(heard, (std::vector<std::string>{fits, too_large}));
  });
}

// The kernel refuses a train whose datagrams do not fit the link; one by one they are cut.
TEST_P(UdpLinkTest, TrainsArriveWholeWhetherTheirDatagramsFitTheLinkOrNot) {
  run_net([this]() -> Task<void> {
    UdpSocket receiver = server({.receive_buffer_bytes = 4U << 20});
    UdpSocket sender = client({.send_buffer_bytes = 4U << 20});
    sender.set_path_mtu_policy(PathMtuPolicy::fragment).value();
    const Address peer = at(server_host, receiver.local_address()->port());
    for (const std::size_t bytes : {std::size_t{1200}, mtu - headers, std::size_t{2000}}) {
      std::vector<std::string> sent;
      for (unsigned i = 0; i < 40; ++i) sent.push_back(test::pattern(bytes, i));
      std::vector<OutgoingDatagram> batch;
      for (const std::string& text : sent) {
        batch.push_back({.payload = test::bytes_of(text), .peer = peer});
      }

      const SendOutcome outcome = co_await sender.send(batch);
      const auto heard = co_await test::receive_texts(&receiver, sent.size());

      EXPECT_EQ(outcome.datagrams, sent.size()) << bytes;
      EXPECT_EQ(heard, sent) << bytes;
    }
    EXPECT_GE(sender.stats().trains_sent, 2U);
    EXPECT_EQ(sender.stats().offload_fallbacks, 1U);  // of those that do not fit, once
  });
}

// The kernel says EMSGSIZE of the train, and has told ECONNREFUSED before: who talks to one peer
// hears that first.
TEST_P(UdpLinkTest, ATrainThatDoesNotFitDoesNotHideThatNobodyListens) {
  run_net([this]() -> Task<void> {
    const Address nobody = at(server_host, server().local_address()->port());
    UdpSocket sender = connected(nobody, {.errors = Switch::on});
    sender.set_path_mtu_policy(PathMtuPolicy::fragment).value();
    (co_await sender.send("anybody?")).value();
    pollfd refused{.fd = sender.native_handle(), .events = 0, .revents = 0};
    co_await test::until([&refused] { return ::poll(&refused, 1, 0) == 1; });
    int error = 0;  // of the socket, which a send would be told instead; the message stays
    socklen_t length = sizeof error;
    EXPECT_EQ(::getsockopt(sender.native_handle(), SOL_SOCKET, SO_ERROR, &error, &length), 0);
    const std::string payload = test::pattern(4000, 1);
    const std::array<OutgoingDatagram, 1> train{
        {{.payload = test::bytes_of(payload), .segment_bytes = 2000}}};

    const SendOutcome outcome = co_await sender.send(train);

    EXPECT_EQ(outcome.refused, std::errc::connection_refused);
    EXPECT_EQ(outcome.datagrams, 0U);
    EXPECT_EQ(sender.stats().offload_fallbacks, 0U);
  });
}

}  // namespace
}  // namespace weir
