// Making sockets: the system calls before the reactor takes over. Each yields the system's error.
#pragma once

#include "weir/base/result.h"
#include "weir/net/address.h"
#include "weir/net/listener.h"

namespace weir::detail {

/// Closes a descriptor that no reactor knows, unless it was released.
class SocketGuard {
 public:
  explicit SocketGuard(int fd) noexcept : fd_(fd) {}
  SocketGuard(SocketGuard&& other) noexcept : fd_(other.release()) {}
  SocketGuard& operator=(SocketGuard&&) = delete;
  ~SocketGuard();
  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] int release() noexcept {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }

 private:
  int fd_;
};

/// A stream socket of the address's family, with the flags the shard's backend wants. Nagle is off.
[[nodiscard]] Result<SocketGuard> make_stream_socket(const Address& address) noexcept;

/// A bound and listening socket. \param shared several sockets bind to this port (SO_REUSEPORT)
[[nodiscard]] Result<SocketGuard> make_listening_socket(const Address& address,
                                                        const ListenOptions& options,
                                                        bool shared) noexcept;

/// Binds to a local address without reserving a port before connect (IP_BIND_ADDRESS_NO_PORT).
[[nodiscard]] Result<void> bind_source(int fd, const Address& local) noexcept;

[[nodiscard]] Result<Address> local_address_of(int fd) noexcept;
/// ENOTCONN unless connected. Of a TCP connection also after a reset.
[[nodiscard]] Result<Address> peer_address_of(int fd) noexcept;

/// True if the path is a socket that nobody listens on: what a crashed server left behind.
[[nodiscard]] bool is_stale_socket(const Address& address) noexcept;

}  // namespace weir::detail
