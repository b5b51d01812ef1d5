// What the kernel says beside a datagram, and what it is told.
#include "reactor/datagram/control_message.h"

// Before linux/errqueue.h, which wants struct timespec.
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <netinet/udp.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <vector>

#include <gtest/gtest.h>

#include "reactor/datagram/error_queue.h"

namespace weir::reactor {
namespace {

/// Control data as the kernel lays it out.
class ControlBytes {
 public:
  template <typename T>
  ControlBytes& add(int level, int type, const T& value) {
    return add_bytes(level, type, std::as_bytes(std::span(&value, 1)));
  }
  ControlBytes& add_bytes(int level, int type, std::span<const std::byte> value) {
    cmsghdr header{};
    header.cmsg_level = level;
    header.cmsg_type = type;
    header.cmsg_len = CMSG_LEN(value.size());
    const std::size_t at = bytes_.size();
    bytes_.resize(at + CMSG_SPACE(value.size()));
    std::memcpy(bytes_.data() + at, &header, sizeof header);
    if (!value.empty()) std::memcpy(bytes_.data() + at + CMSG_LEN(0), value.data(), value.size());
    return *this;
  }
  [[nodiscard]] std::span<std::byte> bytes() { return bytes_; }
  [[nodiscard]] ReceivedControl parsed() const { return parse_control(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

in_pktinfo ipv4_packet(int interface_index) {
  in_pktinfo packet{};
  packet.ipi_ifindex = interface_index;
  packet.ipi_addr.s_addr = htonl(0x7f000002);
  packet.ipi_spec_dst.s_addr = htonl(0x7f000003);
  return packet;
}

in6_pktinfo ipv6_packet(unsigned interface_index, std::uint8_t first, std::uint8_t second) {
  in6_pktinfo packet{};
  packet.ipi6_ifindex = interface_index;
  packet.ipi6_addr.s6_addr[0] = first;
  packet.ipi6_addr.s6_addr[1] = second;
  packet.ipi6_addr.s6_addr[15] = 1;
  return packet;
}

TEST(ParseControl, NothingSaysNothing) {
  const ReceivedControl control = parse_control({});

  EXPECT_TRUE(control.local.is_none());
  EXPECT_EQ(control.segment_bytes, 0U);
  EXPECT_FALSE(control.has_drops);
}

TEST(ParseControl, ReadsEachTypeOfIPv4) {
  const ReceivedControl control = ControlBytes()
                                      .add(SOL_IP, IP_TOS, std::uint8_t{0x2b})
                                      .add(SOL_IP, IP_TTL, 64)
                                      .add(SOL_IP, IP_PKTINFO, ipv4_packet(7))
                                      .parsed();

  EXPECT_EQ(control.traffic_class, 0x2b);
  EXPECT_EQ(control.hop_limit, 64);
  EXPECT_EQ(Address(control.local).host(), "127.0.0.2");  // not ipi_spec_dst
  EXPECT_EQ(control.local.port(), 0);
  EXPECT_EQ(control.interface_index, 7U);
}

TEST(ParseControl, ReadsEachTypeOfIPv6) {
  const ReceivedControl control = ControlBytes()
                                      .add(SOL_IPV6, IPV6_TCLASS, 0xb9)
                                      .add(SOL_IPV6, IPV6_HOPLIMIT, 255)
                                      .add(SOL_IPV6, IPV6_PKTINFO, ipv6_packet(9, 0x20, 1))
                                      .parsed();

  EXPECT_EQ(control.traffic_class, 0xb9);
  EXPECT_EQ(control.hop_limit, 255);
  EXPECT_EQ(Address(control.local).host(), "2001::1");
  EXPECT_EQ(control.interface_index, 9U);
}

TEST(ParseControl, ALinkLocalAddressKeepsItsInterface) {
  const ReceivedControl control =
      ControlBytes().add(SOL_IPV6, IPV6_PKTINFO, ipv6_packet(9, 0xfe, 0x80)).parsed();

  sockaddr_in6 native;
  std::memcpy(&native, control.local.as_sockaddr(), sizeof native);
  EXPECT_EQ(native.sin6_scope_id, 9U);
}

TEST(ParseControl, ReadsWhatTheSocketSays) {
  std::array<timespec, 3> times{};
  times[0] = {.tv_sec = 3, .tv_nsec = 42};
  const ReceivedControl control = ControlBytes()
                                      .add(SOL_UDP, UDP_GRO, 1200)
                                      .add(SOL_SOCKET, SO_RXQ_OVFL, 0xfffffff0U)
                                      .add(SOL_SOCKET, SCM_TIMESTAMPING, times)
                                      .parsed();

  EXPECT_EQ(control.segment_bytes, 1200U);
  EXPECT_TRUE(control.has_drops);
  EXPECT_EQ(control.drops_total, 0xfffffff0U);
  EXPECT_EQ(control.timestamp, std::chrono::seconds(3) + std::chrono::nanoseconds(42));
}

TEST(ParseControl, ATimeThatIsNoneIsIgnored) {
  constexpr auto max = std::numeric_limits<std::time_t>::max();
  for (const timespec& time : {timespec{max, 0}, timespec{max / 1'000'000'000, 0}, timespec{-1, 0},
                               timespec{1, -1}, timespec{1, 1'000'000'000}}) {
    const std::array<timespec, 3> times{time};

    EXPECT_EQ(ControlBytes().add(SOL_SOCKET, SCM_TIMESTAMPING, times).parsed().timestamp.count(),
              0);
  }
}

// An IPv6 socket that has both families' information switched on hears of an IPv4 datagram twice.
TEST(ParseControl, TheIPv6AddressOfADualStackSocketStands) {
  const in6_pktinfo packet = ipv6_packet(5, 0x20, 1);
  for (const bool ipv4_first : {true, false}) {
    ControlBytes bytes;
    if (ipv4_first) bytes.add(SOL_IP, IP_PKTINFO, ipv4_packet(5));
    bytes.add(SOL_IPV6, IPV6_PKTINFO, packet);
    if (!ipv4_first) bytes.add(SOL_IP, IP_PKTINFO, ipv4_packet(5));

    EXPECT_EQ(Address(bytes.parsed().local).host(), "2001::1");
  }
}

TEST(ParseControl, LeavesOutWhatItDoesNotKnow) {
  const ReceivedControl control = ControlBytes()
                                      .add(SOL_SOCKET, SCM_RIGHTS, 3)
                                      .add(SOL_IP, IP_OPTIONS, 3)
                                      .add(SOL_IPV6, IPV6_RTHDR, 3)
                                      .add(SOL_UDP, UDP_CORK, 3)
                                      .add(12345, 1, 3)
                                      .add(SOL_IP, IP_TTL, 64)
                                      .parsed();

  EXPECT_EQ(control.hop_limit, 64);
  EXPECT_EQ(control.segment_bytes, 0U);
}

TEST(ParseControl, IgnoresAMessageThatIsShorterThanItsType) {
  constexpr std::array<std::byte, 3> three{};
  struct Vector {
    int level, type;
  };
  for (const Vector& v :
       {Vector{SOL_IP, IP_PKTINFO}, Vector{SOL_IPV6, IPV6_PKTINFO}, Vector{SOL_UDP, UDP_GRO},
        Vector{SOL_SOCKET, SO_RXQ_OVFL}, Vector{SOL_SOCKET, SCM_TIMESTAMPING}}) {
    const ReceivedControl control = ControlBytes()
                                        .add_bytes(v.level, v.type, three)
                                        .add_bytes(v.level, v.type, {})
                                        .add(SOL_IP, IP_TTL, 64)
                                        .parsed();

    EXPECT_TRUE(control.local.is_none());
    EXPECT_EQ(control.segment_bytes, 0U);
    EXPECT_FALSE(control.has_drops);
    EXPECT_EQ(control.timestamp.count(), 0);
    EXPECT_EQ(control.hop_limit, 64);
  }
}

TEST(ParseControl, ANegativeSegmentSizeIsNone) {
  EXPECT_EQ(ControlBytes().add(SOL_UDP, UDP_GRO, -1).parsed().segment_bytes, 0U);
}

TEST(ParseControl, AMalformedLengthEndsTheList) {
  for (const std::size_t length :
       {std::size_t{0}, CMSG_LEN(0) - 1, CMSG_LEN(sizeof(int)) + 100, SIZE_MAX, SIZE_MAX - 7}) {
    ControlBytes bytes;
    bytes.add(SOL_IP, IP_TTL, 64).add(SOL_IP, IP_TOS, 3).add(SOL_UDP, UDP_GRO, 100);
    std::memcpy(bytes.bytes().data() + CMSG_SPACE(sizeof(int)) + offsetof(cmsghdr, cmsg_len),
                &length, sizeof length);

    const ReceivedControl control = bytes.parsed();

    EXPECT_EQ(control.hop_limit, 64);
    EXPECT_EQ(control.traffic_class, 0);
    EXPECT_EQ(control.segment_bytes, 0U);
  }
}

// The kernel cuts where the room ends, and says so by MSG_CTRUNC alone.
TEST(ParseControl, WhatIsCutOffIsNotRead) {
  ControlBytes bytes;
  bytes.add(SOL_IP, IP_TTL, 64).add(SOL_UDP, UDP_GRO, 100);
  for (std::size_t size = 0; size < bytes.bytes().size(); ++size) {
    const ReceivedControl control = parse_control(bytes.bytes().first(size));

    EXPECT_EQ(control.hop_limit, size >= CMSG_LEN(sizeof(int)) ? 64 : 0) << size;
    const bool whole = size >= CMSG_SPACE(sizeof(int)) + CMSG_LEN(sizeof(int));
    EXPECT_EQ(control.segment_bytes, whole ? 100U : 0U) << size;
  }
}

/// What was written, by the system's own macros.
struct WrittenMessage {
  int level;
  int type;
  std::vector<std::byte> value;
};
std::vector<WrittenMessage> written(const OutgoingDatagram& datagram, bool as_ipv4,
                                    std::uint8_t traffic_class, std::uint32_t segment_bytes) {
  alignas(cmsghdr) ControlWriter::Storage storage{};
  ControlWriter control(storage);
  write_control(datagram, as_ipv4, traffic_class, segment_bytes, control);
  msghdr message{};
  message.msg_control = storage.data();
  message.msg_controllen = control.used();
  std::vector<WrittenMessage> messages;
  for (cmsghdr* at = CMSG_FIRSTHDR(&message); at != nullptr; at = CMSG_NXTHDR(&message, at)) {
    const auto* const value = static_cast<const std::byte*>(static_cast<void*>(CMSG_DATA(at)));
    messages.push_back({.level = at->cmsg_level,
                        .type = at->cmsg_type,
                        .value = {value, value + (at->cmsg_len - CMSG_LEN(0))}});
  }
  return messages;
}

template <typename T>
T value_of(const WrittenMessage& message) {
  T value{};
  EXPECT_EQ(message.value.size(), sizeof value);
  std::memcpy(&value, message.value.data(), std::min(message.value.size(), sizeof value));
  return value;
}

TEST(WriteControl, ADatagramThatAsksForNothingHasNone) {
  EXPECT_TRUE(written({}, /*as_ipv4=*/true, 0xfc, 0).empty());
}

TEST(WriteControl, TheSegmentSizeHas16Bits) {
  const auto messages = written({}, /*as_ipv4=*/true, 0, 1472);

  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].level, SOL_UDP);
  EXPECT_EQ(messages[0].type, UDP_SEGMENT);
  EXPECT_EQ(value_of<std::uint16_t>(messages[0]), 1472);
}

TEST(WriteControl, WritesEverythingForIPv4) {
  const OutgoingDatagram datagram{.interface_index = 4,
                                  .source = Address::loopback(0),
                                  .transmit_time = std::chrono::nanoseconds(99),
                                  .hop_limit = 3,
                                  .ecn = Ecn::congested};

  const auto messages = written(datagram, /*as_ipv4=*/true, 0x29, 0);

  ASSERT_EQ(messages.size(), 4U);
  const auto packet = value_of<in_pktinfo>(messages[0]);
  EXPECT_EQ(messages[0].type, IP_PKTINFO);
  EXPECT_EQ(packet.ipi_ifindex, 4);
  EXPECT_EQ(packet.ipi_spec_dst.s_addr, htonl(INADDR_LOOPBACK));
  EXPECT_EQ(messages[1].level, SOL_IP);
  EXPECT_EQ(messages[1].type, IP_TOS);
  EXPECT_EQ(value_of<int>(messages[1]), 0x2b);  // the socket's, with this datagram's mark
  EXPECT_EQ(messages[2].type, IP_TTL);
  EXPECT_EQ(value_of<int>(messages[2]), 3);
  EXPECT_EQ(messages[3].type, SCM_TXTIME);
  EXPECT_EQ(value_of<std::uint64_t>(messages[3]), 99U);
}

TEST(WriteControl, WritesEverythingForIPv6) {
  const OutgoingDatagram datagram{.interface_index = 4,
                                  .source = Address::loopback_ipv6(0),
                                  .hop_limit = 3,
                                  .ecn = Ecn::capable_1};

  const auto messages = written(datagram, /*as_ipv4=*/false, 0, 500);

  ASSERT_EQ(messages.size(), 4U);
  const auto packet = value_of<in6_pktinfo>(messages[1]);
  EXPECT_EQ(messages[1].level, SOL_IPV6);
  EXPECT_EQ(messages[1].type, IPV6_PKTINFO);
  EXPECT_EQ(packet.ipi6_ifindex, 4U);
  EXPECT_TRUE(IN6_IS_ADDR_LOOPBACK(&packet.ipi6_addr));
  EXPECT_EQ(messages[2].type, IPV6_TCLASS);
  EXPECT_EQ(value_of<int>(messages[2]), 1);
  EXPECT_EQ(messages[3].type, IPV6_HOPLIMIT);
}

TEST(WriteControl, AMappedSourceIsWrittenAsIPv4) {
  const OutgoingDatagram datagram{.source = Address::parse("[::ffff:127.0.0.9]:0").value()};

  const auto messages = written(datagram, /*as_ipv4=*/true, 0, 0);

  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(value_of<in_pktinfo>(messages[0]).ipi_spec_dst.s_addr, htonl(0x7f000009));
}

/// A message of the error queue: the structure, and who said so behind it.
template <typename Offender>
ControlBytes error_bytes(int level, int type, const sock_extended_err& error,
                         const Offender& offender) {
  std::vector<std::byte> value(sizeof error + sizeof offender);
  std::memcpy(value.data(), &error, sizeof error);
  std::memcpy(value.data() + sizeof error, &offender, sizeof offender);
  ControlBytes bytes;
  bytes.add_bytes(level, type, value);
  return bytes;
}

sockaddr_in ipv4_offender() {
  sockaddr_in offender{};
  offender.sin_family = AF_INET;
  offender.sin_addr.s_addr = htonl(0x0a000001);
  return offender;
}

TEST(ParseErrorControl, ReadsWhoSaidWhatOfWhom) {
  sock_extended_err error{};
  error.ee_errno = ECONNREFUSED;
  error.ee_origin = SO_EE_ORIGIN_ICMP;
  const InternetAddress peer = Address::loopback(99);

  const ErrorMessage message =
      parse_error_control(error_bytes(SOL_IP, IP_RECVERR, error, ipv4_offender()).bytes(), peer);

  ASSERT_TRUE(message.error);
  EXPECT_TRUE(message.is_remote);
  EXPECT_EQ(message.error->kind, DatagramError::Kind::unreachable);
  EXPECT_EQ(message.error->error, std::errc::connection_refused);
  EXPECT_EQ(message.error->peer, peer);
  EXPECT_EQ(Address(message.error->reporter).host(), "10.0.0.1");
  EXPECT_EQ(message.error->mtu_bytes, 0U);
  EXPECT_FALSE(message.send_timestamp);
}

TEST(ParseErrorControl, ReadsTheMtuOfWhatWasTooBig) {
  sock_extended_err error{};
  error.ee_errno = EMSGSIZE;
  error.ee_origin = SO_EE_ORIGIN_LOCAL;
  error.ee_info = 1400;

  const ErrorMessage message = parse_error_control(
      error_bytes(SOL_IPV6, IPV6_RECVERR, error, sockaddr_in6{}).bytes(), InternetAddress());

  ASSERT_TRUE(message.error);
  EXPECT_FALSE(message.is_remote);
  EXPECT_EQ(message.error->kind, DatagramError::Kind::too_big);
  EXPECT_EQ(message.error->mtu_bytes, 1400U);
  EXPECT_TRUE(message.error->reporter.is_none());
}

TEST(ParseErrorControl, ReadsWhenADatagramLeft) {
  sock_extended_err error{};
  error.ee_errno = ENOMSG;
  error.ee_origin = SO_EE_ORIGIN_TIMESTAMPING;
  error.ee_data = 17;
  ControlBytes bytes = error_bytes(SOL_IP, IP_RECVERR, error, sockaddr_in{});
  std::array<timespec, 3> times{};
  times[0] = {.tv_sec = 8, .tv_nsec = 1};
  bytes.add(SOL_SOCKET, SCM_TIMESTAMPING, times);

  const ErrorMessage message = parse_error_control(bytes.bytes(), InternetAddress());

  EXPECT_FALSE(message.error);
  ASSERT_TRUE(message.send_timestamp);
  EXPECT_EQ(message.send_timestamp->index, 17U);
  EXPECT_EQ(message.send_timestamp->time, std::chrono::seconds(8) + std::chrono::nanoseconds(1));
}

TEST(ParseErrorControl, WhatIsCutOffIsNotRead) {
  sock_extended_err error{};
  error.ee_errno = EHOSTUNREACH;
  error.ee_origin = SO_EE_ORIGIN_ICMP;
  ControlBytes whole = error_bytes(SOL_IP, IP_RECVERR, error, ipv4_offender());
  const auto value = whole.bytes().subspan(CMSG_LEN(0));

  for (std::size_t size = 0; size <= sizeof error + sizeof(sockaddr_in); ++size) {
    ControlBytes bytes;
    bytes.add_bytes(SOL_IP, IP_RECVERR, value.first(size));
    const ErrorMessage message = parse_error_control(bytes.bytes(), InternetAddress());

    EXPECT_EQ(message.error.has_value(), size >= sizeof error) << size;
    if (!message.error) continue;
    EXPECT_EQ(message.error->reporter.is_none(), size < sizeof error + sizeof(sockaddr_in)) << size;
  }
}

}  // namespace
}  // namespace weir::reactor
