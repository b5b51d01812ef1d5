// A UDP socket whose datagrams a task can wait for.
//
// The runtime has no datagram interface yet, so this is a plain socket that the reactor watches
// with `weir::poll_fd`: how a task waits for any descriptor that weir does not own. Datagrams come
// one a call and whole: 64 KiB is more than one can hold, so that none is cut.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "weir/weir.h"

namespace udp_basic {

inline std::unexpected<std::error_code> last_error() {
  return std::unexpected(std::error_code(errno, std::system_category()));
}

struct Datagram {
  std::string payload;
  weir::Address peer;
};

class DatagramSocket {
 public:
  DatagramSocket(DatagramSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~DatagramSocket() {
    if (fd_ >= 0) ::close(fd_);
  }

  /// Receives what is sent to `address`; port 0: any free one.
  static weir::Result<DatagramSocket> bind(const weir::Address& address) {
    DatagramSocket socket(address);
    if (socket.fd_ < 0) return last_error();
    if (::bind(socket.fd_, address.as_sockaddr(), address.sockaddr_length()) != 0) {
      return last_error();
    }
    return socket;
  }

  /// Talks to `peer` alone: the kernel drops what others send, and says so if nobody is there.
  static weir::Result<DatagramSocket> connect(const weir::Address& peer) {
    DatagramSocket socket(peer);
    if (socket.fd_ < 0) return last_error();
    if (::connect(socket.fd_, peer.as_sockaddr(), peer.sockaddr_length()) != 0) {
      return last_error();
    }
    return socket;
  }

  weir::Result<weir::Address> local_address() const {
    sockaddr_storage address{};
    socklen_t length = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (::getsockname(fd_, any, &length) != 0) return last_error();
    return weir::Address::from_sockaddr(any, length);
  }

  /// The next datagram. The socket outlives the wait.
  weir::Task<weir::Result<Datagram>> receive() {
    for (;;) {
      weir::Result<Datagram> datagram = try_receive();
      if (datagram || datagram.error() != std::errc::operation_would_block) co_return datagram;
      const weir::Result<short> ready = co_await weir::poll_fd(fd_, POLLIN);
      if (!ready) co_return std::unexpected(ready.error());
    }
  }

  /// Hands it to the kernel. Nobody ever says whether it arrived.
  weir::Result<void> send(std::string_view payload) const {
    if (::send(fd_, payload.data(), payload.size(), 0) < 0) return last_error();
    return {};
  }
  weir::Result<void> send_to(const weir::Address& peer, std::string_view payload) const {
    const ssize_t sent = ::sendto(fd_, payload.data(), payload.size(), 0, peer.as_sockaddr(),
                                  peer.sockaddr_length());
    if (sent < 0) return last_error();
    return {};
  }

 private:
  explicit DatagramSocket(const weir::Address& address)
      : fd_(::socket(address.socket_domain(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {}

  weir::Result<Datagram> try_receive() const {
    std::string payload(std::size_t{64} << 10, '\0');
    sockaddr_storage peer{};
    socklen_t length = sizeof(peer);
    auto* const any = reinterpret_cast<sockaddr*>(&peer);
    const ssize_t received = ::recvfrom(fd_, payload.data(), payload.size(), 0, any, &length);
    if (received < 0) return last_error();
    payload.resize(static_cast<std::size_t>(received));
    const weir::Result<weir::Address> from = weir::Address::from_sockaddr(any, length);
    if (!from) return std::unexpected(from.error());
    return Datagram{std::move(payload), *from};
  }

  int fd_;
};

}  // namespace udp_basic
