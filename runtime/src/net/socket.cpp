#include "net/socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "reactor/reactor.h"
#include "weir/core/shard.h"

namespace weir::detail {
namespace {

Result<void> set_option(int fd, int level, int option, int value) noexcept {
  if (::setsockopt(fd, level, option, &value, sizeof value) != 0) return fail_errno(errno);
  return {};
}

Result<void> switch_on(int fd, int level, int option) noexcept {
  return set_option(fd, level, option, 1);
}

/// All shards accept from one Unix socket, so the connection that one of them saw may be another's
/// by the time it accepts. Where the socket blocks (io_uring) that accept would wait for the next
/// one: with SO_RCVTIMEO it waits for one tick of the kernel. io_uring's own accepts never get
/// there. Not for TCP: there each shard has a socket of its own, and what it accepts would inherit
/// the limit.
Result<void> bound_blocking_accept(int fd) noexcept {
  const timeval limit{.tv_sec = 0, .tv_usec = 1};
  if (::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0) {
    return fail_errno(errno);
  }
  return {};
}

}  // namespace

SocketGuard::~SocketGuard() {
  if (fd_ >= 0) ::close(fd_);
}

Result<SocketGuard> make_stream_socket(const Address& address) noexcept {
  const int flags = SOCK_CLOEXEC | Shard::current().reactor().socket_flags();
  SocketGuard socket(::socket(address.socket_domain(), SOCK_STREAM | flags, 0));
  if (socket.get() < 0) return fail_errno(errno);
  if (address.is_ip()) {
    const Result<void> nodelay = switch_on(socket.get(), IPPROTO_TCP, TCP_NODELAY);
    if (!nodelay) return std::unexpected(nodelay.error());
  }
  return socket;
}

Result<SocketGuard> make_listening_socket(const Address& address, const ListenOptions& options,
                                          bool shared) noexcept {
  // TCP_NODELAY is inherited by what is accepted: one call here saves one a connection.
  Result<SocketGuard> socket = make_stream_socket(address);
  if (!socket) return socket;
  const int fd = socket->get();
  if (address.is_ip()) {
    Result<void> set = switch_on(fd, SOL_SOCKET, SO_REUSEADDR);
    if (set && shared) set = switch_on(fd, SOL_SOCKET, SO_REUSEPORT);
    if (set && address.socket_domain() == AF_INET6) {
      const int ipv6_only = options.dual_stack == Switch::on ? 0 : 1;
      set = set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, ipv6_only);
    }
    if (set && options.defer_accept_s > 0) {
      set = set_option(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, options.defer_accept_s);
    }
    if (!set) return std::unexpected(set.error());
  }
  if (address.is_unix()) {
    const Result<void> set = bound_blocking_accept(fd);
    if (!set) return std::unexpected(set.error());
  }
  if (::bind(fd, address.as_sockaddr(), address.sockaddr_length()) != 0) return fail_errno(errno);
  if (::listen(fd, options.backlog) != 0) return fail_errno(errno);
  return socket;
}

Result<void> bind_source(int fd, const Address& local) noexcept {
  if (local.is_ip() && local.port() == 0) {
    const Result<void> set = switch_on(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
    if (!set) return set;
  }
  if (::bind(fd, local.as_sockaddr(), local.sockaddr_length()) != 0) return fail_errno(errno);
  return {};
}

Result<Address> local_address_of(int fd) noexcept {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &length) != 0) {
    return fail_errno(errno);
  }
  return Address::from_sockaddr(reinterpret_cast<const sockaddr*>(&storage), length);
}

namespace {

/// getpeername(2) fails once the peer has reset the connection, which is when people want to know
/// who it was. SO_PEERNAME does not; it wants no more room than the address takes.
bool recall_peer(int fd, sockaddr_storage& storage, socklen_t& length) noexcept {
  for (const std::size_t room : {sizeof(sockaddr_in6), sizeof(sockaddr_in)}) {
    length = static_cast<socklen_t>(room);
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERNAME, &storage, &length) == 0) return true;
  }
  return false;
}

}  // namespace

Result<Address> peer_address_of(int fd) noexcept {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&storage), &length) != 0) {
    const int error = errno;
    if (error != ENOTCONN || !recall_peer(fd, storage, length)) return fail_errno(error);
  }
  return Address::from_sockaddr(reinterpret_cast<const sockaddr*>(&storage), length);
}

bool is_stale_socket(const Address& address) noexcept {
  if (!address.is_unix() || address.unix_path().empty()) return false;
  struct stat status{};
  const std::string path(address.unix_path());
  if (::lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return false;
  const SocketGuard probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (probe.get() < 0) return false;
  return ::connect(probe.get(), address.as_sockaddr(), address.sockaddr_length()) != 0 &&
         errno == ECONNREFUSED;
}

}  // namespace weir::detail
