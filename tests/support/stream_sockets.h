// Connected stream sockets: one end for the reactor under test, one for the test to use by hand.
#pragma once

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reactor/owned_fd.h"
#include "reactor/reactor.h"
#include "weir/base/assert.h"
#include "weir/base/bytes.h"
#include "weir/net/address.h"

namespace weir::test {

/// Descriptors this process has open.
[[nodiscard]] inline std::size_t open_descriptor_count() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    ++count;
  }
  return count;
}

/// A descriptor that the reactor works on; closed at the end. Declare it before its operations.
class ReactorSocket {
 public:
  ReactorSocket(reactor::Reactor& reactor, int fd) : reactor_(reactor), descriptor_(fd) {}
  ReactorSocket(const ReactorSocket&) = delete;
  ReactorSocket& operator=(const ReactorSocket&) = delete;
  ~ReactorSocket() { close(); }

  [[nodiscard]] reactor::Descriptor& descriptor() { return descriptor_; }
  [[nodiscard]] int fd() const { return descriptor_.fd; }
  void close() {
    if (descriptor_.fd >= 0) reactor_.close_now(descriptor_);
  }

 private:
  reactor::Reactor& reactor_;
  reactor::Descriptor descriptor_;
};

/// The end that the test uses by hand. Never blocks.
class PeerSocket {
 public:
  PeerSocket() = default;
  explicit PeerSocket(int fd) : fd_(fd) { ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK); }

  [[nodiscard]] int fd() const { return fd_.get(); }

  /// \returns the bytes taken, 0 if there is no room or the connection is gone.
  std::size_t send(std::span<const std::byte> bytes, int flags = 0) {
    const ssize_t taken = ::send(fd(), bytes.data(), bytes.size(), flags | MSG_NOSIGNAL);
    return taken > 0 ? static_cast<std::size_t>(taken) : 0;
  }
  std::size_t send(std::string_view text, int flags = 0) { return send(as_bytes(text), flags); }

  /// What has arrived, `bytes_max` at the most.
  [[nodiscard]] std::vector<std::byte> receive(std::size_t bytes_max = 1 << 20) {
    std::vector<std::byte> bytes(bytes_max);
    const ssize_t got = ::recv(fd(), bytes.data(), bytes.size(), 0);
    at_end_ = got == 0;
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  }
  /// The last `receive` found the end of the stream.
  [[nodiscard]] bool at_end() const { return at_end_; }

  void shutdown_write() { ::shutdown(fd(), SHUT_WR); }
  void close() { fd_ = reactor::OwnedFd(); }
  /// Closes with a reset (TCP).
  void reset() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
  }

 private:
  reactor::OwnedFd fd_;
  bool at_end_ = false;
};

/// A listening socket that the test accepts from by hand.
class PeerListener {
 public:
  explicit PeerListener(const Address& address = Address::loopback(0), int backlog = 4096,
                        int flags = SOCK_NONBLOCK)
      : fd_(::socket(address.socket_domain(), SOCK_STREAM | SOCK_CLOEXEC | flags, 0)) {
    WEIR_ASSERT(::bind(fd(), address.as_sockaddr(), address.sockaddr_length()) == 0);
    WEIR_ASSERT(::listen(fd(), backlog) == 0);
  }

  [[nodiscard]] int fd() const { return fd_.get(); }
  /// For a reactor to own.
  [[nodiscard]] int release() { return ::fcntl(fd(), F_DUPFD_CLOEXEC, 0); }
  [[nodiscard]] Address address() const {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    ::getsockname(fd(), reinterpret_cast<sockaddr*>(&storage), &length);
    return Address::from_sockaddr(reinterpret_cast<sockaddr*>(&storage), length).value();
  }
  /// The next connection; the caller knows that there is one.
  [[nodiscard]] PeerSocket accept() {
    int accepted;
    do {
      accepted = ::accept4(fd(), nullptr, nullptr, SOCK_CLOEXEC);
    } while (accepted < 0 && (errno == EAGAIN || errno == EINTR));
    WEIR_ASSERT(accepted >= 0);
    return PeerSocket(accepted);
  }

 private:
  reactor::OwnedFd fd_;
};

/// An unconnected stream socket, or one whose connect has begun: non-blocking.
[[nodiscard]] inline PeerSocket begin_connect(const Address& address) {
  PeerSocket socket(::socket(address.socket_domain(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  ::connect(socket.fd(), address.as_sockaddr(), address.sockaddr_length());
  return socket;
}

enum class PairKind { unix_socket, tcp };

/// Two connected ends.
struct StreamPair {
  StreamPair(reactor::Reactor& reactor, PairKind kind)
      : StreamPair(reactor, kind == PairKind::tcp ? connect_tcp(reactor) : connect_unix(reactor)) {}

  ReactorSocket ours;
  PeerSocket theirs;

 private:
  using Fds = std::pair<int, int>;

  StreamPair(reactor::Reactor& reactor, Fds fds) : ours(reactor, fds.first), theirs(fds.second) {}

  static Fds connect_unix(const reactor::Reactor& reactor) {
    int fds[2];
    const int type = SOCK_STREAM | SOCK_CLOEXEC | reactor.socket_flags();
    WEIR_ASSERT(::socketpair(AF_UNIX, type, 0, fds) == 0);
    return {fds[0], fds[1]};
  }

  static Fds connect_tcp(const reactor::Reactor& reactor) {
    PeerListener listener;
    const Address address = listener.address();
    const int type = SOCK_STREAM | SOCK_CLOEXEC | reactor.socket_flags();
    const int ours = ::socket(address.socket_domain(), type, 0);
    ::connect(ours, address.as_sockaddr(), address.sockaddr_length());
    const PeerSocket theirs = listener.accept();
    return {ours, ::fcntl(theirs.fd(), F_DUPFD_CLOEXEC, 0)};
  }
};

}  // namespace weir::test
