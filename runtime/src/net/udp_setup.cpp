#include "net/udp_setup.h"

#include <linux/filter.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string_view>

#include "reactor/reactor.h"
#include "weir/core/shard.h"

namespace weir::detail {
namespace {

/// What IP_MTU_DISCOVER and IPV6_MTU_DISCOVER take: the same numbers for both.
int path_mtu_value(PathMtuPolicy policy) noexcept {
  switch (policy) {
    case PathMtuPolicy::system:
      return IP_PMTUDISC_WANT;
    case PathMtuPolicy::fragment:
      return IP_PMTUDISC_DONT;
    case PathMtuPolicy::discover:
      return IP_PMTUDISC_DO;
    case PathMtuPolicy::probe:
      return IP_PMTUDISC_PROBE;
    case PathMtuPolicy::ignore:
      return IP_PMTUDISC_OMIT;
  }
  WEIR_UNREACHABLE();
}

/// Of a datagram, and of what the kernel joins: IPv6's largest payload without the UDP header.
constexpr std::uint32_t payload_bytes_limit = 65527;

/// One option after the other, until one fails.
class OptionSetter {
 public:
  explicit OptionSetter(int fd) noexcept : fd_(fd) {}

  void set(int level, int option, int value = 1) noexcept {
    if (result_) result_ = set_option(fd_, level, option, value);
  }
  void set_if(Switch wanted, int level, int option, int value = 1) noexcept {
    if (wanted == Switch::on) set(level, option, value);
  }
  /// For both families on a socket that takes both.
  void set_for(bool is_ipv6, bool is_dual, int ipv4_option, int ipv6_option) noexcept {
    if (is_ipv6) set(SOL_IPV6, ipv6_option);
    if (!is_ipv6 || is_dual) set(SOL_IP, ipv4_option);
  }
  void add(const Result<void>& result) noexcept {
    if (result_ && !result) result_ = result;
  }
  [[nodiscard]] const Result<void>& result() const noexcept { return result_; }

 private:
  int fd_;
  Result<void> result_;
};

int timestamping_flags(const UdpOptions& options) noexcept {
  int flags = SOF_TIMESTAMPING_SOFTWARE;
  if (options.receive_timestamps == Switch::on) flags |= SOF_TIMESTAMPING_RX_SOFTWARE;
  if (options.send_timestamps == Switch::on) {
    flags |= SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY;
  }
  return flags;
}

/// What each datagram received is to be told with.
void ask_for_control(OptionSetter& setter, bool is_ipv6, const UdpOptions& options) noexcept {
  const bool dual = is_ipv6 && options.dual_stack == Switch::on;
  if (options.receive_traffic_class == Switch::on) {
    setter.set_for(is_ipv6, dual, IP_RECVTOS, IPV6_RECVTCLASS);
  }
  if (options.receive_hop_limit == Switch::on) {
    setter.set_for(is_ipv6, dual, IP_RECVTTL, IPV6_RECVHOPLIMIT);
  }
  if (options.receive_local == Switch::on) {
    setter.set_for(is_ipv6, dual, IP_PKTINFO, IPV6_RECVPKTINFO);
  }
  if (options.errors == Switch::on) setter.set_for(is_ipv6, dual, IP_RECVERR, IPV6_RECVERR);
  if (options.receive_timestamps == Switch::on || options.send_timestamps == Switch::on) {
    setter.set(SOL_SOCKET, SO_TIMESTAMPING, timestamping_flags(options));
  }
  setter.set_if(options.drop_counter, SOL_SOCKET, SO_RXQ_OVFL);
}

Result<void> apply(int fd, bool is_ipv6, const UdpOptions& options) noexcept {
  OptionSetter setter(fd);
  if (is_ipv6) setter.set(SOL_IPV6, IPV6_V6ONLY, options.dual_stack == Switch::on ? 0 : 1);
  setter.set_if(options.reuse_address, SOL_SOCKET, SO_REUSEADDR);
  setter.set_if(options.reuse_port, SOL_SOCKET, SO_REUSEPORT);
  setter.set_if(options.broadcast, SOL_SOCKET, SO_BROADCAST);
  ask_for_control(setter, is_ipv6, options);
  if (options.path_mtu != PathMtuPolicy::system) {
    setter.add(set_path_mtu(fd, is_ipv6, options.path_mtu));
  }
  // By default a socket without an address of its own hears the groups that anybody on this machine
  // has joined. Best effort: before Linux 4.20 there is no switch for IPv6.
  if (is_ipv6) (void)set_option(fd, SOL_IPV6, IPV6_MULTICAST_ALL, 0);
  if (!is_ipv6 || options.dual_stack == Switch::on) {
    (void)set_option(fd, SOL_IP, IP_MULTICAST_ALL, 0);
  }
  // What did not fit of a train would be whole datagrams, lost without being counted.
  const bool holds_trains = options.payload_bytes_max == payload_bytes_limit;
  if (options.receive_offload == Switch::on && holds_trains && allows_offload("WEIR_UDP_GRO")) {
    // Before Linux 5.0 there is none: each datagram comes by itself, then.
    (void)set_option(fd, SOL_UDP, UDP_GRO, 1);
  }
  if (options.receive_buffer_bytes != 0) {
    const auto set = set_buffer(fd, SO_RCVBUF, SO_RCVBUFFORCE, options.receive_buffer_bytes);
    if (!set) return std::unexpected(set.error());
  }
  if (options.send_buffer_bytes != 0) {
    const auto set = set_buffer(fd, SO_SNDBUF, SO_SNDBUFFORCE, options.send_buffer_bytes);
    if (!set) return std::unexpected(set.error());
  }
  return setter.result();
}

}  // namespace

Result<void> set_option(int fd, int level, int option, int value) noexcept {
  if (::setsockopt(fd, level, option, &value, sizeof value) != 0) return fail_errno(errno);
  return {};
}

bool allows_offload(const char* variable) noexcept {
  const char* const value = std::getenv(variable);
  if (value == nullptr) return true;
  const std::string_view text(value);
  return text != "off" && text != "0";
}

Result<SocketGuard> make_udp_socket(const Address& local, const Address& peer,
                                    const UdpOptions& options) noexcept {
  const bool has_local = local.family() != AddressFamily::none;
  const bool has_peer = peer.family() != AddressFamily::none;
  if ((has_local && !local.is_ip()) || (has_peer && !peer.is_ip()) || (!has_local && !has_peer)) {
    return fail(Error::address_invalid);
  }
  if (options.payload_bytes_max == 0 || options.payload_bytes_max > payload_bytes_limit) {
    return fail(Error::option_invalid);
  }
  const int domain = has_local ? local.socket_domain() : peer.socket_domain();
  const int flags = SOCK_CLOEXEC | Shard::current().reactor().socket_flags();
  SocketGuard socket(::socket(domain, SOCK_DGRAM | flags, 0));
  if (socket.get() < 0) return fail_errno(errno);
  const int fd = socket.get();
  if (const auto applied = apply(fd, domain == AF_INET6, options); !applied) {
    return std::unexpected(applied.error());
  }
  if (has_local && ::bind(fd, local.as_sockaddr(), local.sockaddr_length()) != 0) {
    return fail_errno(errno);
  }
  if (has_peer && ::connect(fd, peer.as_sockaddr(), peer.sockaddr_length()) != 0) {
    return fail_errno(errno);
  }
  return socket;
}

Result<BufferGrant> set_buffer(int fd, int option, int forced_option, std::size_t bytes) noexcept {
  // The kernel doubles the value, for its own bookkeeping.
  constexpr std::size_t value_max = std::numeric_limits<int>::max() / 2;
  const int value = static_cast<int>(std::min(bytes, value_max));
  if (::setsockopt(fd, SOL_SOCKET, forced_option, &value, sizeof value) != 0) {
    const auto set = set_option(fd, SOL_SOCKET, option, value);
    if (!set) return std::unexpected(set.error());
  }
  return buffer_grant(fd, option, bytes);
}

Result<BufferGrant> buffer_grant(int fd, int option, std::size_t asked_bytes) noexcept {
  int granted = 0;
  socklen_t length = sizeof granted;
  if (::getsockopt(fd, SOL_SOCKET, option, &granted, &length) != 0) return fail_errno(errno);
  return BufferGrant{.asked_bytes = asked_bytes,
                     .granted_bytes = static_cast<std::size_t>(granted) / 2};
}

Result<void> set_path_mtu(int fd, bool is_ipv6, PathMtuPolicy policy) noexcept {
  const int value = path_mtu_value(policy);
  if (is_ipv6) {
    const auto set = set_option(fd, SOL_IPV6, IPV6_MTU_DISCOVER, value);
    if (!set) return set;
  }
  // An IPv6 socket sends to IPv4 peers with the IPv4 option.
  return set_option(fd, SOL_IP, IP_MTU_DISCOVER, value);
}

Result<void> validate(const Steering& steering) noexcept {
  const bool is_number = steering.bytes == 1 || steering.bytes == 2 || steering.bytes == 4;
  if (steering.by == Steering::By::payload && !is_number) return fail(Error::option_invalid);
  return {};
}

Result<void> attach_steering(int fd, const Steering& steering, unsigned sockets) noexcept {
  if (const auto valid = validate(steering); !valid) return valid;
  if (sockets == 0) return fail(Error::option_invalid);
  if (steering.by == Steering::By::flow) {
    // What the kernel does without a program. Without one there is nothing to detach.
    if (::setsockopt(fd, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, nullptr, 0) != 0 && errno != ENOENT) {
      return fail_errno(errno);
    }
    return {};
  }
  // A program sees the payload from its first byte. One that is too short for the number makes it
  // end with 0: the first socket.
  std::array<sock_filter, 3> program{};
  if (steering.by == Steering::By::cpu) {
    program[0] = {BPF_LD | BPF_W | BPF_ABS, 0, 0,
                  static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_CPU)};
  } else {
    const std::uint16_t size = steering.bytes == 4 ? BPF_W : (steering.bytes == 2 ? BPF_H : BPF_B);
    program[0] = {static_cast<std::uint16_t>(BPF_LD | size | BPF_ABS), 0, 0, steering.offset};
  }
  program[1] = {BPF_ALU | BPF_MOD | BPF_K, 0, 0, sockets};
  program[2] = {BPF_RET | BPF_A, 0, 0, 0};
  const sock_fprog attached{.len = program.size(), .filter = program.data()};
  if (::setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &attached, sizeof attached) != 0) {
    return fail_errno(errno);
  }
  return {};
}

Result<void> change_membership(int fd, Membership change, const Address& group,
                               unsigned interface_index, const Address& source) noexcept {
  const bool has_source = source.family() != AddressFamily::none;
  if (!group.is_ip() || (has_source && source.family() != group.family())) {
    return fail(Error::address_invalid);
  }
  // The protocol-independent calls of RFC 3678, with which both families are one.
  const int level = group.family() == AddressFamily::ipv6 ? SOL_IPV6 : SOL_IP;
  const bool joins = change == Membership::join;
  int result;
  if (has_source) {
    group_source_req request{};
    request.gsr_interface = interface_index;
    std::memcpy(&request.gsr_group, group.as_sockaddr(), group.sockaddr_length());
    std::memcpy(&request.gsr_source, source.as_sockaddr(), source.sockaddr_length());
    result = ::setsockopt(fd, level, joins ? MCAST_JOIN_SOURCE_GROUP : MCAST_LEAVE_SOURCE_GROUP,
                          &request, sizeof request);
  } else {
    group_req request{};
    request.gr_interface = interface_index;
    std::memcpy(&request.gr_group, group.as_sockaddr(), group.sockaddr_length());
    result = ::setsockopt(fd, level, joins ? MCAST_JOIN_GROUP : MCAST_LEAVE_GROUP, &request,
                          sizeof request);
  }
  if (result != 0) return fail_errno(errno);
  return {};
}

}  // namespace weir::detail
