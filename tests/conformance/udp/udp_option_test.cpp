// Options: what is asked for, granted and refused.
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/ipv6.h"
#include "tests/support/udp_fixture.h"

namespace weir {
namespace {

using test::bytes_of;
using test::text_of;
using test::udp_pair;
using testing::ElementsAre;

class UdpOptionTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(UdpOptionTest);

int option_of(const UdpSocket& socket, int level, int option) {
  int value = -1;
  socklen_t length = sizeof value;
  EXPECT_EQ(::getsockopt(socket.native_handle(), level, option, &value, &length), 0);
  return value;
}

TEST_P(UdpOptionTest, TellsHowMuchOfABufferWasGranted) {
  run_net([]() -> Task<void> {
    UdpSocket socket = UdpSocket::bind(Address::loopback(0)).value();

    const BufferGrant granted = socket.set_receive_buffer(1U << 16).value();
    const BufferGrant too_much = socket.set_send_buffer(std::size_t{1} << 40).value();
    const BufferGrant too_little = socket.set_send_buffer(1).value();

    EXPECT_EQ(granted.granted_bytes, 1U << 16);
    EXPECT_FALSE(granted.is_short());
    EXPECT_TRUE(too_much.is_short());
    EXPECT_EQ(too_much.asked_bytes, std::size_t{1} << 40);
    EXPECT_GT(too_little.granted_bytes, 1U);
    EXPECT_EQ(option_of(socket, SOL_SOCKET, SO_RCVBUF), 2 << 16);
    co_return;
  });
}

// Asked for together with the socket they fall short as silently as the kernel does.
TEST_P(UdpOptionTest, TellsHowMuchOfTheBuffersAskedForAtFirstWasGranted) {
  run_net([]() -> Task<void> {
    const std::uint32_t too_much = 0xffff'ffff;
    UdpSocket socket = UdpSocket::bind(Address::loopback(0), {.receive_buffer_bytes = too_much,
                                                              .send_buffer_bytes = 1U << 16})
                           .value();
    const UdpSocket plain = UdpSocket::bind(Address::loopback(0)).value();

    const BufferGrant receive = socket.receive_buffer().value();
    const BufferGrant send = socket.send_buffer().value();
    socket.set_receive_buffer(1U << 15).value();
    const BufferGrant later = socket.receive_buffer().value();

    EXPECT_EQ(receive.asked_bytes, too_much);
    EXPECT_TRUE(receive.is_short());
    EXPECT_EQ(send.granted_bytes, 1U << 16);
    EXPECT_FALSE(send.is_short());
    EXPECT_EQ(later.asked_bytes, 1U << 15);
    EXPECT_EQ(later.granted_bytes, 1U << 15);
    EXPECT_EQ(plain.receive_buffer().value().asked_bytes, 0U);
    EXPECT_GT(plain.receive_buffer().value().granted_bytes, 0U);
    co_return;
  });
}

TEST_P(UdpOptionTest, KnowsThePathMtuOfLoopback) {
  WEIR_NEEDS_IPV6();
  run_net([]() -> Task<void> {
    struct Path {
      Address address;
      std::size_t mtu_bytes;
    };
    // The device takes 65536, an IPv4 packet cannot be as large.
    for (const Path& path :
         {Path{Address::loopback(0), 65535}, Path{Address::loopback_ipv6(0), 65536}}) {
      UdpSocket server = UdpSocket::bind(path.address).value();
      UdpSocket client = UdpSocket::connect(server.local_address().value()).value();

      EXPECT_EQ(client.path_mtu().value(), path.mtu_bytes);
      EXPECT_EQ(server.path_mtu().error(), from_errno(ENOTCONN));
    }
    co_return;
  });
}

struct PolicyValue {
  PathMtuPolicy policy;
  int ipv4, ipv6;
};
constexpr std::array<PolicyValue, 4> policies{
    {{PathMtuPolicy::fragment, IP_PMTUDISC_DONT, IPV6_PMTUDISC_DONT},
     {PathMtuPolicy::discover, IP_PMTUDISC_DO, IPV6_PMTUDISC_DO},
     {PathMtuPolicy::probe, IP_PMTUDISC_PROBE, IPV6_PMTUDISC_PROBE},
     {PathMtuPolicy::ignore, IP_PMTUDISC_OMIT, IPV6_PMTUDISC_OMIT}}};

TEST_P(UdpOptionTest, SetsThePathMtuPolicyAtFirstAndLater) {
  WEIR_NEEDS_IPV6();
  run_net([]() -> Task<void> {
    for (const PolicyValue& v : policies) {
      UdpSocket first = UdpSocket::bind(Address::loopback(0), {.path_mtu = v.policy}).value();
      UdpSocket later = UdpSocket::bind(Address::loopback_ipv6(0)).value();
      later.set_path_mtu_policy(v.policy).value();

      EXPECT_EQ(option_of(first, SOL_IP, IP_MTU_DISCOVER), v.ipv4);
      EXPECT_EQ(option_of(later, SOL_IPV6, IPV6_MTU_DISCOVER), v.ipv6);
    }
    co_return;
  });
}

// A dual-stack socket sends to IPv4 peers as its IPv4 options say.
TEST_P(UdpOptionTest, ThePathMtuPolicyIsForBothFamiliesOfADualStackSocket) {
  WEIR_NEEDS_IPV6();
  run_net([]() -> Task<void> {
    for (const PolicyValue& v : policies) {
      UdpSocket socket =
          UdpSocket::bind(Address::any_ipv6(0), {.dual_stack = Switch::on, .path_mtu = v.policy})
              .value();

      EXPECT_EQ(option_of(socket, SOL_IP, IP_MTU_DISCOVER), v.ipv4);
      EXPECT_EQ(option_of(socket, SOL_IPV6, IPV6_MTU_DISCOVER), v.ipv6);
    }
    co_return;
  });
}

TEST_P(UdpOptionTest, ADatagramLargerThanThePathIsRefusedWhereItMustNotBeCut) {
  WEIR_NEEDS_IPV6();
  run_net([]() -> Task<void> {
    UdpSocket server = UdpSocket::bind(Address::loopback_ipv6(0)).value();
    UdpSocket client =
        UdpSocket::connect(server.local_address().value(), {.path_mtu = PathMtuPolicy::discover})
            .value();
    const std::string fits(65536 - 48, 'x');
    const std::string too_large(65536 - 47, 'x');

    const Result<void> refused = co_await client.send(too_large);
    (co_await client.send(fits)).value();
    client.set_path_mtu_policy(PathMtuPolicy::fragment).value();
    (co_await client.send(too_large)).value();
    const auto texts = co_await test::receive_texts(&server, 2);

    EXPECT_EQ(refused.error(), from_errno(EMSGSIZE));
    EXPECT_THAT(texts, ElementsAre(fits, too_large));
  });
}

TEST_P(UdpOptionTest, ADualStackSocketTalksToIPv4Peers) {
  WEIR_NEEDS_IPV6();
  run_net([]() -> Task<void> {
    UdpSocket server = UdpSocket::bind(Address::any_ipv6(0), {.receive_traffic_class = Switch::on,
                                                              .receive_hop_limit = Switch::on,
                                                              .receive_local = Switch::on,
                                                              .dual_stack = Switch::on})
                           .value();
    const Address to = Address::loopback(server.local_address()->port());
    UdpSocket client = UdpSocket::connect(to, {.receive_traffic_class = Switch::on}).value();
    const std::array<OutgoingDatagram, 1> question{
        {{.payload = bytes_of("question"), .hop_limit = 9, .ecn = Ecn::capable_0}}};
    EXPECT_TRUE(co_await client.send(question));

    const DatagramTrain got = (co_await server.receive_one()).value();
    const std::array<OutgoingDatagram, 1> answer{{{.payload = bytes_of("answer"),
                                                   .peer = got.peer,
                                                   .source = got.local,
                                                   .ecn = Ecn::capable_1}}};
    const SendOutcome sent = co_await server.send(answer);
    EXPECT_TRUE(sent) << sent.refused.message();
    if (!sent) co_return;
    const DatagramTrain answered = (co_await client.receive_one()).value();

    const std::uint16_t client_port = client.local_address()->port();
    EXPECT_EQ(Address(got.peer),
              Address::parse("[::ffff:127.0.0.1]:" + std::to_string(client_port)).value());
    EXPECT_EQ(Address(got.local).host(), "::ffff:127.0.0.1");
    EXPECT_NE(got.interface_index, 0U);
    EXPECT_EQ(got.ecn(), Ecn::capable_0);
    EXPECT_EQ(got.hop_limit, 9);
    EXPECT_EQ(text_of(answered.payload.bytes()), "answer");
    EXPECT_EQ(answered.ecn(), Ecn::capable_1);
  });
}

TEST_P(UdpOptionTest, AnIPv6SocketIsDeafToIPv4UnlessAsked) {
  WEIR_NEEDS_IPV6();
  run_net([]() -> Task<void> {
    UdpSocket server = UdpSocket::bind(Address::any_ipv6(0)).value();
    const Address to = Address::loopback(server.local_address()->port());
    UdpSocket client = UdpSocket::connect(to).value();
    (co_await client.send("x")).value();

    EXPECT_EQ((co_await client.receive()).error(), std::errc::connection_refused);
  });
}

TEST_P(UdpOptionTest, BroadcastsOnlyIfAllowed) {
  run_net([]() -> Task<void> {
    UdpSocket server = UdpSocket::bind(Address::any(0)).value();
    UdpSocket sender = UdpSocket::bind(Address::any(0)).value();
    // The broadcast address of the loopback network.
    const std::string all = "127.255.255.255:" + std::to_string(server.local_address()->port());
    const InternetAddress to = Address::parse(all).value();

    const Result<void> refused = co_await sender.send_to(to, "all");
    sender.set_broadcast(Switch::on).value();
    const Result<void> sent = co_await sender.send_to(to, "all of you");

    EXPECT_EQ(refused.error(), from_errno(EACCES));
    EXPECT_TRUE(sent.has_value()) << sent.error().message();
    if (!sent) co_return;
    EXPECT_THAT(co_await test::receive_texts(&server, 1), ElementsAre("all of you"));
  });
}

TEST_P(UdpOptionTest, SendsWithTransmitTimesWhereNobodyKeepsToThem) {
  run_net([]() -> Task<void> {
    auto [server, client] = udp_pair();
    client.enable_transmit_times().value();
    constexpr std::uint64_t rate = std::uint64_t{5} << 30;  // more than 32 bits hold
    client.set_pacing_rate(rate).value();
    std::uint64_t set = 0;
    socklen_t length = sizeof set;
    ::getsockopt(client.native_handle(), SOL_SOCKET, SO_MAX_PACING_RATE, &set, &length);
    EXPECT_EQ(set, rate);
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const std::array<OutgoingDatagram, 1> timed{
        {{.payload = bytes_of("timed"),
          .transmit_time = std::chrono::seconds(now.tv_sec) + std::chrono::milliseconds(1)}}};

    const SendOutcome sent = co_await client.send(timed);

    EXPECT_TRUE(sent) << sent.refused.message();
    EXPECT_THAT(co_await test::receive_texts(&server, 1), ElementsAre("timed"));
  });
}

TEST_P(UdpOptionTest, TheSocketsTrafficClassAndHopsAreInWhatItSends) {
  run_net([]() -> Task<void> {
    const std::vector<Address> addresses = test::loopbacks();
    for (const Address& address : addresses) {
      UdpSocket server = UdpSocket::bind(address, {.receive_traffic_class = Switch::on,
                                                   .receive_hop_limit = Switch::on})
                             .value();
      UdpSocket client = UdpSocket::connect(server.local_address().value()).value();
      client.set_traffic_class(0xb8).value();
      client.set_hop_limit(17).value();
      (co_await client.send("x")).value();

      const DatagramTrain got = (co_await server.receive_one()).value();

      EXPECT_EQ(got.traffic_class, 0xb8);
      EXPECT_EQ(got.hop_limit, 17);
    }
  });
}

TEST_P(UdpOptionTest, AClosedSocketSaysSo) {
  run_net([]() -> Task<void> {
    UdpSocket socket = UdpSocket::bind(Address::loopback(0)).value();
    socket.close();
    const Address group = Address::parse("239.1.2.3:0").value();

    EXPECT_EQ(socket.set_receive_buffer(1).error(), Error::closed);
    EXPECT_EQ(socket.set_send_buffer(1).error(), Error::closed);
    EXPECT_EQ(socket.receive_buffer().error(), Error::closed);
    EXPECT_EQ(socket.send_buffer().error(), Error::closed);
    EXPECT_EQ(socket.set_broadcast(Switch::on).error(), Error::closed);
    EXPECT_EQ(socket.set_path_mtu_policy(PathMtuPolicy::probe).error(), Error::closed);
    EXPECT_EQ(socket.path_mtu().error(), Error::closed);
    EXPECT_EQ(socket.set_traffic_class(1).error(), Error::closed);
    EXPECT_EQ(socket.set_hop_limit(1).error(), Error::closed);
    EXPECT_EQ(socket.set_pacing_rate(1).error(), Error::closed);
    EXPECT_EQ(socket.enable_transmit_times().error(), Error::closed);
    EXPECT_EQ(socket.steer({}, 1).error(), Error::closed);
    EXPECT_EQ(socket.join(group).error(), Error::closed);
    EXPECT_EQ(socket.leave(group).error(), Error::closed);
    EXPECT_EQ(socket.set_multicast_loop(Switch::on).error(), Error::closed);
    EXPECT_EQ(socket.set_multicast_hop_limit(1).error(), Error::closed);
    EXPECT_EQ(socket.set_multicast_interface(1).error(), Error::closed);
    co_return;
  });
}

}  // namespace
}  // namespace weir
