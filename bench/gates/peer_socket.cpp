#include "bench/gates/peer_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>

#include "bench/gates/patience.h"

namespace weir::gates {
namespace {

Result<void> set_option(int fd, int level, int name, int value) noexcept {
  if (::setsockopt(fd, level, name, &value, sizeof value) != 0) return fail_errno(errno);
  return {};
}

}  // namespace

Result<PeerSocket> PeerSocket::connect(const Address& server, int type) {
  PeerSocket socket(::socket(server.socket_domain(), type | SOCK_CLOEXEC, 0));
  if (socket.fd_ < 0) return fail_errno(errno);
  const timeval limit{.tv_sec = wait_max.count(), .tv_usec = 0};
  for (const int option : {SO_RCVTIMEO, SO_SNDTIMEO}) {
    if (::setsockopt(socket.fd_, SOL_SOCKET, option, &limit, sizeof limit) != 0) {
      return fail_errno(errno);
    }
  }
  if (::connect(socket.fd_, server.as_sockaddr(), server.sockaddr_length()) != 0) {
    return fail_errno(errno);
  }
  return socket;
}

Result<PeerSocket> PeerSocket::connect_tcp(const Address& server) {
  Result<PeerSocket> socket = connect(server, SOCK_STREAM);
  if (!socket) return socket;
  const Result<void> set = set_option(socket->fd_, IPPROTO_TCP, TCP_NODELAY, 1);
  if (!set) return std::unexpected(set.error());
  return socket;
}

Result<PeerSocket> PeerSocket::connect_udp(const Address& server, std::uint32_t segment_bytes) {
  Result<PeerSocket> socket = connect(server, SOCK_DGRAM);
  if (!socket || segment_bytes == 0) return socket;
  const Result<void> set =
      set_option(socket->fd_, SOL_UDP, UDP_SEGMENT, static_cast<int>(segment_bytes));
  if (!set) return std::unexpected(set.error());
  return socket;
}

PeerSocket::~PeerSocket() {
  if (fd_ >= 0) ::close(fd_);
}

Result<void> PeerSocket::send(std::span<const std::byte> bytes) const noexcept {
  const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent < 0) return fail_errno(errno);
  if (static_cast<std::size_t>(sent) != bytes.size()) return fail_errno(EMSGSIZE);
  return {};
}

Result<void> PeerSocket::receive(std::span<std::byte> bytes) const noexcept {
  while (!bytes.empty()) {
    const ssize_t received = ::recv(fd_, bytes.data(), bytes.size(), 0);
    if (received < 0) return fail_errno(errno);
    if (received == 0) return fail_errno(ENOTCONN);
    bytes = bytes.subspan(static_cast<std::size_t>(received));
  }
  return {};
}

}  // namespace weir::gates
