#include "tools/weir/bench/nagle/tcp_socket.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace weir::tools::bench {
namespace {

/// TCP_CA_NAME_MAX of the kernel, and the end of a text.
constexpr std::size_t congestion_name_bytes = 16 + 1;

}  // namespace

Result<void> record_connection(int fd, SenderCounts& counts) {
  tcp_info info{};
  socklen_t length = sizeof info;
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return fail_errno(errno);
  counts.segments = info.tcpi_data_segs_out;
  counts.acks = info.tcpi_segs_in - info.tcpi_data_segs_in;
  counts.retransmitted = info.tcpi_total_retrans;
  std::array<char, congestion_name_bytes> name{};
  length = name.size() - 1;  // the last stays the end of a text
  if (::getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name.data(), &length) != 0) {
    return fail_errno(errno);
  }
  counts.congestion_control = name.data();
  return {};
}

Result<void> set_congestion_control(int fd, std::string_view name) noexcept {
  if (::setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name.data(),
                   static_cast<socklen_t>(name.size())) != 0) {
    return fail_errno(errno);
  }
  return {};
}

Result<TcpSocket> TcpSocket::listen(const Address& address) {
  TcpSocket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.fd_ < 0) return fail_errno(errno);
  if (const Result<void> bounded = socket.bound_waits(); !bounded) {
    return std::unexpected(bounded.error());
  }
  if (::bind(socket.fd_, address.as_sockaddr(), address.sockaddr_length()) != 0 ||
      ::listen(socket.fd_, 1) != 0) {
    return fail_errno(errno);
  }
  return socket;
}

Result<TcpSocket> TcpSocket::connect(const Address& server) {
  TcpSocket socket(::socket(server.socket_domain(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.fd_ < 0) return fail_errno(errno);
  if (const Result<void> bounded = socket.bound_waits(); !bounded) {
    return std::unexpected(bounded.error());
  }
  if (::connect(socket.fd_, server.as_sockaddr(), server.sockaddr_length()) != 0) {
    return fail_errno(errno);
  }
  return socket;
}

Result<TcpSocket> TcpSocket::accept() const {
  TcpSocket socket(::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC));
  if (socket.fd_ < 0) return fail_errno(errno);
  if (const Result<void> bounded = socket.bound_waits(); !bounded) {
    return std::unexpected(bounded.error());
  }
  return socket;
}

TcpSocket::~TcpSocket() {
  if (fd_ >= 0) ::close(fd_);
}

/// A send or receive, an accept or connect that takes longer fails with EAGAIN or EINPROGRESS.
Result<void> TcpSocket::bound_waits() noexcept {
  const timeval limit{.tv_sec = wait_max.count(), .tv_usec = 0};
  for (const int option : {SO_RCVTIMEO, SO_SNDTIMEO}) {
    if (::setsockopt(fd_, SOL_SOCKET, option, &limit, sizeof limit) != 0) return fail_errno(errno);
  }
  return {};
}

Result<Address> TcpSocket::local_address() const noexcept {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getsockname(fd_, reinterpret_cast<sockaddr*>(&storage), &length) != 0) {
    return fail_errno(errno);
  }
  return Address::from_sockaddr(reinterpret_cast<const sockaddr*>(&storage), length);
}

Result<void> TcpSocket::set(int option, bool is_on) noexcept {
  return set_number(option, is_on ? 1 : 0);
}

Result<void> TcpSocket::set_notsent_lowat(std::size_t bytes) noexcept {
  return set_number(TCP_NOTSENT_LOWAT, static_cast<int>(bytes));
}

Result<void> TcpSocket::set_number(int option, int value) noexcept {
  ++calls_;
  if (::setsockopt(fd_, IPPROTO_TCP, option, &value, sizeof value) != 0) return fail_errno(errno);
  return {};
}

Result<void> TcpSocket::send(std::span<const std::byte> bytes, int flags) noexcept {
  while (!bytes.empty()) {
    ++calls_;
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), flags | MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return fail_errno(errno);
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return {};
}

Result<void> TcpSocket::send_gathered(std::span<const std::byte> first,
                                      std::span<const std::byte> second) noexcept {
  std::array<iovec, 2> pieces{};
  pieces[0] = {const_cast<std::byte*>(first.data()), first.size()};
  pieces[1] = {const_cast<std::byte*>(second.data()), second.size()};
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = pieces.size();
  ++calls_;
  const ssize_t sent = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
  if (sent < 0) return fail_errno(errno);
  const auto bytes = static_cast<std::size_t>(sent);
  if (bytes < first.size()) {
    const Result<void> rest = send(first.subspan(bytes));
    return rest ? send(second) : rest;
  }
  return send(second.subspan(bytes - first.size()));
}

Result<std::size_t> TcpSocket::receive(std::span<std::byte> into) noexcept {
  for (;;) {
    ++calls_;
    const ssize_t bytes = ::recv(fd_, into.data(), into.size(), 0);
    if (bytes >= 0) return static_cast<std::size_t>(bytes);
    if (errno != EINTR) return fail_errno(errno);
  }
}

Result<void> TcpSocket::end_sending() noexcept {
  ++calls_;
  if (::shutdown(fd_, SHUT_WR) != 0) return fail_errno(errno);
  return {};
}

}  // namespace weir::tools::bench
