#include "weir/net/udp_socket.h"

#include <linux/net_tstamp.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <utility>

#include "net/socket.h"
#include "net/udp_setup.h"
#include "net/udp_state.h"

namespace weir {

using detail::UdpState;

UdpStats& UdpStats::operator+=(const UdpStats& other) noexcept {
  datagrams_received += other.datagrams_received;
  trains_received += other.trains_received;
  bytes_received += other.bytes_received;
  datagrams_truncated += other.datagrams_truncated;
  control_truncated += other.control_truncated;
  receive_pauses += other.receive_pauses;
  dropped_by_kernel += other.dropped_by_kernel;
  dropped_newest += other.dropped_newest;
  dropped_oldest += other.dropped_oldest;
  dropped_no_memory += other.dropped_no_memory;
  dropped_strangers += other.dropped_strangers;
  datagrams_sent += other.datagrams_sent;
  trains_sent += other.trains_sent;
  bytes_sent += other.bytes_sent;
  offload_fallbacks += other.offload_fallbacks;
  send_waits += other.send_waits;
  errors_received += other.errors_received;
  errors_dropped += other.errors_dropped;
  send_timestamps_dropped += other.send_timestamps_dropped;
  return *this;
}

namespace detail {

bool UdpWait::await_ready() noexcept {
  error_ = socket_ == nullptr ? make_error_code(Error::closed) : cancelled();
  return error_ || socket_->is_ready(*this);
}

void UdpWait::await_suspend(std::coroutine_handle<> coroutine) noexcept {
  suspend(coroutine);
  socket_->begin_wait(*this);
}

void UdpWait::on_cancel(std::error_code reason) noexcept { socket_->cancel_wait(*this, reason); }

Result<DatagramBatch> UdpReceive::await_resume() noexcept {
  if (error_) return std::unexpected(error_);
  return socket_->take_batch();
}

Result<DatagramTrain> UdpReceiveOne::await_resume() noexcept {
  if (error_) return std::unexpected(error_);
  return socket_->take_one();
}

Result<DatagramError> UdpNextError::await_resume() noexcept {
  if (error_) return std::unexpected(error_);
  if (!told_) told_ = socket_->errors.take();
  return *told_;
}

Result<SendTimestamp> UdpNextSendTimestamp::await_resume() noexcept {
  if (error_) return std::unexpected(error_);
  if (!told_) told_ = socket_->send_timestamps.take();
  return *told_;
}

bool UdpSendWait::start(std::span<const OutgoingDatagram> datagrams) noexcept {
  datagrams_ = datagrams;
  outcome_.refused = socket_ == nullptr ? make_error_code(Error::closed) : cancelled();
  return outcome_.refused || socket_->start_send(*this);
}

void UdpSendWait::await_suspend(std::coroutine_handle<> coroutine) noexcept {
  suspend(coroutine);
  socket_->wait_to_send(*this);
}

void UdpSendWait::on_cancel(std::error_code reason) noexcept {
  socket_->cancel_send(*this, reason);
}

}  // namespace detail

UdpSocket& UdpSocket::operator=(UdpSocket&& other) noexcept {
  if (this != &other) {
    close();
    state_ = std::exchange(other.state_, nullptr);
  }
  return *this;
}

UdpSocket::~UdpSocket() { close(); }

Result<UdpSocket> UdpSocket::bind(const Address& local, const UdpOptions& options) {
  return open(local, {}, options);
}

Result<UdpSocket> UdpSocket::connect(const Address& peer, const UdpOptions& options,
                                     const Address& local) {
  return open(local, peer, options);
}

Result<UdpSocket> UdpSocket::open(const Address& local, const Address& peer,
                                  const UdpOptions& options) {
  Result<detail::SocketGuard> socket = detail::make_udp_socket(local, peer, options);
  if (!socket) return std::unexpected(socket.error());
  return adopt(socket->release(), peer, options);
}

UdpSocket UdpSocket::adopt(int fd, const Address& peer, const UdpOptions& options) {
  auto* const state = new UdpState(fd, options);
  state->receive_buffer_asked = options.receive_buffer_bytes;
  state->send_buffer_asked = options.send_buffer_bytes;
  int domain = 0;
  socklen_t length = sizeof domain;
  ::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length);
  state->is_ipv6 = domain == AF_INET6;
  state->is_connected = peer.is_ip();
  // As the kernel writes it beside each datagram, and with the address it put for "any".
  if (state->is_connected) state->connected_peer = detail::peer_address_of(fd).value_or(peer);
  if (state->is_ipv6 && state->is_connected) {
    state->peer_is_mapped = peer.family() == AddressFamily::ipv4;
    if (peer.family() == AddressFamily::ipv6) {
      const auto* const native =
          static_cast<const sockaddr_in6*>(static_cast<const void*>(peer.as_sockaddr()));
      state->peer_is_mapped = IN6_IS_ADDR_V4MAPPED(&native->sin6_addr);
    }
  }
  state->segmentation =
      options.send_offload == Switch::on && detail::allows_offload("WEIR_UDP_GSO");
  return UdpSocket(state);
}

void UdpSocket::close() noexcept {
  if (state_ != nullptr) std::exchange(state_, nullptr)->close();
}

DatagramBatch UdpSocket::take_received() noexcept {
  return state_ == nullptr ? DatagramBatch() : state_->take_batch();
}

SendOutcome UdpSocket::try_send(std::span<const OutgoingDatagram> datagrams) noexcept {
  if (state_ != nullptr) return state_->try_send(datagrams);
  return {.refused = Error::closed};
}

std::optional<DatagramError> UdpSocket::take_error() noexcept {
  return state_ == nullptr ? std::nullopt : state_->errors.take();
}

int UdpSocket::native_handle() const noexcept { return state_ == nullptr ? -1 : state_->fd; }

UdpStats UdpSocket::stats() const noexcept {
  if (state_ == nullptr) return {};
  UdpStats stats = state_->stats;
  // What was dropped behind the last datagram received: no control message has told of it yet.
  std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
  socklen_t length = sizeof memory;
  if (::getsockopt(state_->fd, SOL_SOCKET, SO_MEMINFO, memory.data(), &length) == 0) {
    stats.dropped_by_kernel += memory[SK_MEMINFO_DROPS] - state_->drops_seen;
  }
  return stats;
}

Result<Address> UdpSocket::local_address() const noexcept {
  if (state_ == nullptr) return fail(Error::closed);
  return detail::local_address_of(state_->fd);
}

Result<Address> UdpSocket::peer_address() const noexcept {
  if (state_ == nullptr) return fail(Error::closed);
  return detail::peer_address_of(state_->fd);
}

Result<BufferGrant> UdpSocket::set_receive_buffer(std::size_t bytes) noexcept {
  if (state_ == nullptr) return fail(Error::closed);
  state_->receive_buffer_asked = bytes;
  return detail::set_buffer(native_handle(), SO_RCVBUF, SO_RCVBUFFORCE, bytes);
}

Result<BufferGrant> UdpSocket::set_send_buffer(std::size_t bytes) noexcept {
  if (state_ == nullptr) return fail(Error::closed);
  state_->send_buffer_asked = bytes;
  return detail::set_buffer(native_handle(), SO_SNDBUF, SO_SNDBUFFORCE, bytes);
}

Result<BufferGrant> UdpSocket::receive_buffer() const noexcept {
  if (state_ == nullptr) return fail(Error::closed);
  return detail::buffer_grant(state_->fd, SO_RCVBUF, state_->receive_buffer_asked);
}

Result<BufferGrant> UdpSocket::send_buffer() const noexcept {
  if (state_ == nullptr) return fail(Error::closed);
  return detail::buffer_grant(state_->fd, SO_SNDBUF, state_->send_buffer_asked);
}

Result<void> UdpSocket::set_broadcast(Switch broadcast) noexcept {
  if (state_ == nullptr) return fail(Error::closed);
  return detail::set_option(native_handle(), SOL_SOCKET, SO_BROADCAST,
                            broadcast == Switch::on ? 1 : 0);
}

Result<void> UdpSocket::set_path_mtu_policy(PathMtuPolicy policy) noexcept {
  if (state_ == nullptr) return fail(Error::closed);
  return detail::set_path_mtu(state_->fd, state_->is_ipv6, policy);
}

Result<std::size_t> UdpSocket::path_mtu() const noexcept {
  if (state_ == nullptr) return fail(Error::closed);
  int bytes = 0;
  socklen_t length = sizeof bytes;
  const bool is_ipv6 = state_->is_ipv6 && !state_->peer_is_mapped;
  if (::getsockopt(state_->fd, is_ipv6 ? SOL_IPV6 : SOL_IP, is_ipv6 ? IPV6_MTU : IP_MTU, &bytes,
                   &length) != 0) {
    return fail_errno(errno);
  }
  return static_cast<std::size_t>(bytes);
}

Result<void> UdpSocket::set_traffic_class(std::uint8_t traffic_class) noexcept {
  if (state_ == nullptr) return fail(Error::closed);
  Result<void> set;
  if (state_->is_ipv6) set = detail::set_option(state_->fd, SOL_IPV6, IPV6_TCLASS, traffic_class);
  // An IPv6 socket sends to IPv4 peers with the IPv4 option.
  if (set) set = detail::set_option(state_->fd, SOL_IP, IP_TOS, traffic_class);
  if (set) state_->traffic_class = traffic_class;
  return set;
}

Result<void> UdpSocket::set_hop_limit(std::uint8_t hops) noexcept {
  if (state_ == nullptr) return fail(Error::closed);
  Result<void> set;
  if (state_->is_ipv6) set = detail::set_option(state_->fd, SOL_IPV6, IPV6_UNICAST_HOPS, hops);
  if (set) set = detail::set_option(state_->fd, SOL_IP, IP_TTL, hops);
  return set;
}

Result<void> UdpSocket::set_pacing_rate(std::uint64_t bytes_per_second) noexcept {
  if (state_ == nullptr) return fail(Error::closed);
  if (::setsockopt(native_handle(), SOL_SOCKET, SO_MAX_PACING_RATE, &bytes_per_second,
                   sizeof bytes_per_second) != 0) {
    return fail_errno(errno);
  }
  return {};
}

Result<void> UdpSocket::enable_transmit_times() noexcept {
  if (state_ == nullptr) return fail(Error::closed);
  const sock_txtime wanted{.clockid = CLOCK_MONOTONIC, .flags = 0};
  if (::setsockopt(native_handle(), SOL_SOCKET, SO_TXTIME, &wanted, sizeof wanted) != 0) {
    return fail_errno(errno);
  }
  return {};
}

Result<void> UdpSocket::steer(const Steering& steering, unsigned sockets) noexcept {
  if (state_ == nullptr) return fail(Error::closed);
  return detail::attach_steering(native_handle(), steering, sockets);
}

Result<void> UdpSocket::join(const Address& group, unsigned interface_index,
                             const Address& source) noexcept {
  if (state_ == nullptr) return fail(Error::closed);
  return detail::change_membership(native_handle(), detail::Membership::join, group,
                                   interface_index, source);
}

Result<void> UdpSocket::leave(const Address& group, unsigned interface_index,
                              const Address& source) noexcept {
  if (state_ == nullptr) return fail(Error::closed);
  return detail::change_membership(native_handle(), detail::Membership::leave, group,
                                   interface_index, source);
}

Result<void> UdpSocket::set_multicast_loop(Switch loop) noexcept {
  if (state_ == nullptr) return fail(Error::closed);
  const int value = loop == Switch::on ? 1 : 0;
  Result<void> set;
  if (state_->is_ipv6) set = detail::set_option(state_->fd, SOL_IPV6, IPV6_MULTICAST_LOOP, value);
  if (set) set = detail::set_option(state_->fd, SOL_IP, IP_MULTICAST_LOOP, value);
  return set;
}

Result<void> UdpSocket::set_multicast_hop_limit(std::uint8_t hops) noexcept {
  if (state_ == nullptr) return fail(Error::closed);
  Result<void> set;
  if (state_->is_ipv6) set = detail::set_option(state_->fd, SOL_IPV6, IPV6_MULTICAST_HOPS, hops);
  if (set) set = detail::set_option(state_->fd, SOL_IP, IP_MULTICAST_TTL, hops);
  return set;
}

Result<void> UdpSocket::set_multicast_interface(unsigned interface_index) noexcept {
  if (state_ == nullptr) return fail(Error::closed);
  const int index = static_cast<int>(interface_index);
  if (state_->is_ipv6) {
    const auto set = detail::set_option(state_->fd, SOL_IPV6, IPV6_MULTICAST_IF, index);
    if (!set) return set;
  }
  ip_mreqn request{};
  request.imr_ifindex = index;
  if (::setsockopt(state_->fd, SOL_IP, IP_MULTICAST_IF, &request, sizeof request) != 0) {
    return fail_errno(errno);
  }
  return {};
}

}  // namespace weir
