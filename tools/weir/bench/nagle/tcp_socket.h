// A blocking TCP socket for the ends of a cell: plain calls, so that nothing but the kernel is
// measured. No call waits longer than `wait_max`.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "tools/weir/bench/nagle/cell.h"
#include "weir/base/result.h"
#include "weir/net/address.h"

namespace weir::tools::bench {

inline constexpr std::chrono::seconds wait_max{5};

/// Fills in what the kernel says of a connection: segments, acknowledgements, what was sent again
/// (TCP_INFO), and the congestion control that is in force (TCP_CONGESTION).
[[nodiscard]] Result<void> record_connection(int fd, SenderCounts& counts);

/// TCP_CONGESTION. \param name  of one that the kernel has (ENOENT else) and lets us use (EPERM)
[[nodiscard]] Result<void> set_congestion_control(int fd, std::string_view name) noexcept;

class TcpSocket {
 public:
  /// On a free port of `address`, with room for one connection.
  [[nodiscard]] static Result<TcpSocket> listen(const Address& address = Address::loopback(0));
  [[nodiscard]] static Result<TcpSocket> connect(const Address& server);
  [[nodiscard]] Result<TcpSocket> accept() const;

  TcpSocket(TcpSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)), calls_(other.calls_) {}
  TcpSocket& operator=(TcpSocket&&) = delete;
  ~TcpSocket();

  [[nodiscard]] Result<Address> local_address() const noexcept;
  /// A switch of tcp(7): TCP_NODELAY, TCP_CORK, TCP_QUICKACK.
  Result<void> set(int option, bool is_on) noexcept;
  /// TCP_NOTSENT_LOWAT: no more than so many bytes wait in the kernel to be sent.
  Result<void> set_notsent_lowat(std::size_t bytes) noexcept;
  /// All of them.
  Result<void> send(std::span<const std::byte> bytes, int flags = 0) noexcept;
  /// Both, in one call if the kernel has room.
  Result<void> send_gathered(std::span<const std::byte> first,
                             std::span<const std::byte> second) noexcept;
  /// At least one; 0 at the end.
  Result<std::size_t> receive(std::span<std::byte> into) noexcept;
  Result<void> end_sending() noexcept;

  [[nodiscard]] int fd() const noexcept { return fd_; }
  /// System calls since it was connected or accepted.
  [[nodiscard]] std::uint64_t calls() const noexcept { return calls_; }

 private:
  explicit TcpSocket(int fd) noexcept : fd_(fd) {}
  [[nodiscard]] Result<void> bound_waits() noexcept;
  Result<void> set_number(int option, int value) noexcept;

  int fd_;
  std::uint64_t calls_ = 0;
};

}  // namespace weir::tools::bench
