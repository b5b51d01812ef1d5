#include "reactor/datagram/control_message.h"

#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <netinet/udp.h>

#include <algorithm>
#include <ctime>
#include <optional>

namespace weir::reactor {
namespace {

/// The first value of a message, if it is long enough for one.
template <typename T>
std::optional<T> value_of(std::span<const std::byte> message) noexcept {
  if (message.size() < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, message.data(), sizeof value);
  return value;
}

/// TOS comes as one byte, the traffic class as an int.
std::uint8_t small_number(std::span<const std::byte> message) noexcept {
  if (const auto number = value_of<int>(message)) return static_cast<std::uint8_t>(*number);
  return value_of<std::uint8_t>(message).value_or(0);
}

InternetAddress address_of(const in_addr& address) noexcept {
  sockaddr_in native{};
  native.sin_family = AF_INET;
  native.sin_addr = address;
  InternetAddress result;
  std::memcpy(result.storage(), &native, sizeof native);
  return result;
}

InternetAddress address_of(const in6_addr& address, unsigned interface_index) noexcept {
  sockaddr_in6 native{};
  native.sin6_family = AF_INET6;
  native.sin6_addr = address;
  if (IN6_IS_ADDR_LINKLOCAL(&address)) native.sin6_scope_id = interface_index;
  InternetAddress result;
  std::memcpy(result.storage(), &native, sizeof native);
  return result;
}

void read_ip(int type, std::span<const std::byte> message, ReceivedControl& control) noexcept {
  if (type == IP_TOS) {
    control.traffic_class = small_number(message);
  } else if (type == IP_TTL) {
    control.hop_limit = small_number(message);
  } else if (type == IP_PKTINFO) {
    const auto packet = value_of<in_pktinfo>(message);
    // An IPv6 socket has both switched on and says the same twice: its own family's stands.
    if (!packet || control.local.is_ipv6()) return;
    control.local = address_of(packet->ipi_addr);
    control.interface_index = static_cast<std::uint32_t>(packet->ipi_ifindex);
  }
}

void read_ipv6(int type, std::span<const std::byte> message, ReceivedControl& control) noexcept {
  if (type == IPV6_TCLASS) {
    control.traffic_class = small_number(message);
  } else if (type == IPV6_HOPLIMIT) {
    control.hop_limit = small_number(message);
  } else if (type == IPV6_PKTINFO) {
    const auto packet = value_of<in6_pktinfo>(message);
    if (!packet) return;
    control.local = address_of(packet->ipi6_addr, packet->ipi6_ifindex);
    control.interface_index = packet->ipi6_ifindex;
  }
}

void read_socket(int type, std::span<const std::byte> message, ReceivedControl& control) noexcept {
  if (type == SO_RXQ_OVFL) {
    const auto drops = value_of<std::uint32_t>(message);
    if (!drops) return;
    control.drops_total = *drops;
    control.has_drops = true;
  } else if (type == SCM_TIMESTAMPING) {
    const auto software = value_of<timespec>(message);  // the first of three
    // What does not fit nanoseconds is no time: it would overflow.
    constexpr std::int64_t seconds_max = std::chrono::nanoseconds::max().count() / 1'000'000'000;
    if (!software || software->tv_sec < 0 || software->tv_sec >= seconds_max ||
        software->tv_nsec < 0 || software->tv_nsec >= 1'000'000'000) {
      return;
    }
    control.timestamp =
        std::chrono::seconds(software->tv_sec) + std::chrono::nanoseconds(software->tv_nsec);
  }
}

}  // namespace

ReceivedControl parse_control(std::span<const std::byte> control) noexcept {
  ReceivedControl result;
  while (control.size() >= sizeof(cmsghdr)) {
    cmsghdr header;
    std::memcpy(&header, control.data(), sizeof header);
    if (header.cmsg_len < CMSG_LEN(0) || header.cmsg_len > control.size()) break;
    const auto message = control.subspan(CMSG_LEN(0), header.cmsg_len - CMSG_LEN(0));
    switch (header.cmsg_level) {
      case SOL_IP:
        read_ip(header.cmsg_type, message, result);
        break;
      case SOL_IPV6:
        read_ipv6(header.cmsg_type, message, result);
        break;
      case SOL_SOCKET:
        read_socket(header.cmsg_type, message, result);
        break;
      case SOL_UDP:
        // An int, not the 16 bits that UDP_SEGMENT takes.
        if (header.cmsg_type == UDP_GRO) {
          result.segment_bytes =
              static_cast<std::uint32_t>(std::max(value_of<int>(message).value_or(0), 0));
        }
        break;
      default:
        break;
    }
    control = control.subspan(std::min<std::size_t>(CMSG_ALIGN(header.cmsg_len), control.size()));
  }
  return result;
}

namespace {

/// The IPv4 address, also one written as IPv6 (::ffff:a.b.c.d).
in_addr ipv4_of(const InternetAddress& address) noexcept {
  in_addr result{};
  if (address.is_ipv4()) {
    sockaddr_in native;
    std::memcpy(&native, address.as_sockaddr(), sizeof native);
    result = native.sin_addr;
  } else if (address.is_ipv6()) {
    sockaddr_in6 native;
    std::memcpy(&native, address.as_sockaddr(), sizeof native);
    std::memcpy(&result, &native.sin6_addr.s6_addr[12], sizeof result);
  }
  return result;
}

void write_source(const OutgoingDatagram& datagram, bool as_ipv4, ControlWriter& control) noexcept {
  if (as_ipv4) {
    in_pktinfo packet{};
    packet.ipi_ifindex = static_cast<int>(datagram.interface_index);
    packet.ipi_spec_dst = ipv4_of(datagram.source);
    control.add(SOL_IP, IP_PKTINFO, packet);
    return;
  }
  in6_pktinfo packet{};
  packet.ipi6_ifindex = datagram.interface_index;
  if (datagram.source.is_ipv6()) {
    sockaddr_in6 native;
    std::memcpy(&native, datagram.source.as_sockaddr(), sizeof native);
    packet.ipi6_addr = native.sin6_addr;
  }
  control.add(SOL_IPV6, IPV6_PKTINFO, packet);
}

}  // namespace

void write_control(const OutgoingDatagram& datagram, bool as_ipv4, std::uint8_t traffic_class,
                   std::uint32_t segment_bytes, ControlWriter& control) noexcept {
  if (segment_bytes != 0) {
    control.add(SOL_UDP, UDP_SEGMENT, static_cast<std::uint16_t>(segment_bytes));
  }
  if (!datagram.source.is_none() || datagram.interface_index != 0) {
    write_source(datagram, as_ipv4, control);
  }
  if (datagram.ecn != Ecn::not_capable) {
    const int value = (traffic_class & ~3) | static_cast<int>(datagram.ecn);
    control.add(as_ipv4 ? SOL_IP : SOL_IPV6, as_ipv4 ? IP_TOS : IPV6_TCLASS, value);
  }
  if (datagram.hop_limit != 0) {
    const int value = datagram.hop_limit;
    control.add(as_ipv4 ? SOL_IP : SOL_IPV6, as_ipv4 ? IP_TTL : IPV6_HOPLIMIT, value);
  }
  if (datagram.transmit_time != std::chrono::nanoseconds::zero()) {
    const auto time = static_cast<std::uint64_t>(datagram.transmit_time.count());
    control.add(SOL_SOCKET, SCM_TXTIME, time);
  }
}

}  // namespace weir::reactor
