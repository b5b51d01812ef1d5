#include "tools/weir/load/kernel/stamped_socket.h"

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace weir::tools::load {
namespace {

/// Stamps that one reading of the error queue takes at most: a request has few.
constexpr int stamps_max = 64;

/// Room for a stamp and an extended error with the address that comes after it.
struct ControlBuffer {
  alignas(::cmsghdr) std::array<std::byte, 256> bytes{};
};

/// Of what a control message holds, copied out because nobody promises its alignment.
template <typename T>
std::optional<T> content_of(const ::cmsghdr& control) noexcept {
  if (control.cmsg_len < CMSG_LEN(sizeof(T))) return std::nullopt;
  T content;
  std::memcpy(&content, CMSG_DATA(&control), sizeof content);
  return content;
}

struct Stamp {
  std::optional<KernelTime> time{};
  std::optional<std::uint32_t> number{};  ///< of the byte or datagram that was sent
};

void take_error(const ::sock_extended_err& error, Stamp& stamp) noexcept {
  const bool is_stamp = error.ee_origin == SO_EE_ORIGIN_TIMESTAMPING;
  if (is_stamp && error.ee_info == SCM_TSTAMP_SND) stamp.number = error.ee_data;
}

Stamp stamp_of(::msghdr& message) noexcept {
  Stamp stamp;
  for (::cmsghdr* at = CMSG_FIRSTHDR(&message); at != nullptr; at = CMSG_NXTHDR(&message, at)) {
    if (at->cmsg_level == SOL_SOCKET && at->cmsg_type == SO_TIMESTAMPING) {
      const auto times = content_of<::scm_timestamping>(*at);
      if (!times) continue;
      const ::timespec& software = times->ts[0];
      if (software.tv_sec == 0 && software.tv_nsec == 0) continue;
      stamp.time =
          std::chrono::seconds(software.tv_sec) + std::chrono::nanoseconds(software.tv_nsec);
    } else if ((at->cmsg_level == SOL_IP && at->cmsg_type == IP_RECVERR) ||
               (at->cmsg_level == SOL_IPV6 && at->cmsg_type == IPV6_RECVERR)) {
      if (const auto error = content_of<::sock_extended_err>(*at)) take_error(*error, stamp);
    }
  }
  return stamp;
}

}  // namespace

Result<StampedSocket> StampedSocket::open(const Address& peer, Transport transport) {
  const bool is_stream = transport == Transport::stream;
  const int kind = is_stream ? SOCK_STREAM : SOCK_DGRAM;
  const int fd = ::socket(peer.socket_domain(), kind | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return fail_errno(errno);
  StampedSocket socket(fd, transport);
  if (is_stream && peer.is_ip()) {
    const int on = 1;
    if (::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) return fail_errno(errno);
  }
  if (::connect(fd, peer.as_sockaddr(), peer.sockaddr_length()) != 0 && errno != EINPROGRESS) {
    return fail_errno(errno);
  }
  return socket;
}

StampedSocket::StampedSocket(StampedSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      transport_(other.transport_),
      sent_count_(other.sent_count_) {}

StampedSocket& StampedSocket::operator=(StampedSocket&& other) noexcept {
  std::swap(fd_, other.fd_);
  transport_ = other.transport_;
  sent_count_ = other.sent_count_;
  return *this;
}

StampedSocket::~StampedSocket() {
  if (fd_ >= 0) ::close(fd_);
}

Result<void> StampedSocket::connected() const {
  int error = 0;
  ::socklen_t length = sizeof error;
  if (::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &length) != 0) error = errno;
  if (error != 0) return fail_errno(error);
  return {};
}

Result<void> StampedSocket::enable_stamps() const {
  const int flags = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE |
                    SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID |
                    SOF_TIMESTAMPING_OPT_TSONLY;
  if (::setsockopt(fd_, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags) != 0) {
    return fail_errno(errno);
  }
  return {};
}

Result<std::size_t> StampedSocket::send(std::span<const std::byte> bytes) {
  const ssize_t taken = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (taken < 0 && errno == EAGAIN) return std::size_t{0};
  if (taken < 0) return fail_errno(errno);
  sent_count_ += transport_ == Transport::stream ? static_cast<std::uint32_t>(taken) : 1U;
  return static_cast<std::size_t>(taken);
}

std::optional<KernelTime> StampedSocket::transmit_stamp() {
  std::optional<KernelTime> found;
  for (int taken = 0; taken < stamps_max; ++taken) {
    ControlBuffer control;
    ::msghdr message{};
    message.msg_control = control.bytes.data();
    message.msg_controllen = control.bytes.size();
    if (::recvmsg(fd_, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) break;
    const Stamp stamp = stamp_of(message);
    if (stamp.number == sent_count_ - 1 && stamp.time) found = stamp.time;
  }
  return found;
}

Result<std::optional<StampedBytes>> StampedSocket::receive(std::span<std::byte> into) const {
  ControlBuffer control;
  ::iovec part{.iov_base = into.data(), .iov_len = into.size()};
  ::msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  message.msg_controllen = control.bytes.size();
  const ssize_t taken = ::recvmsg(fd_, &message, MSG_DONTWAIT);
  if (taken < 0 && errno == EAGAIN) return std::optional<StampedBytes>();
  if (taken < 0) return fail_errno(errno);
  return StampedBytes{.bytes = static_cast<std::size_t>(taken), .stamp = stamp_of(message).time};
}

}  // namespace weir::tools::load
