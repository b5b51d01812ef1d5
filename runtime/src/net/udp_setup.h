// Making UDP sockets, and their options by name: the system calls.
#pragma once

#include "net/socket.h"
#include "weir/base/result.h"
#include "weir/net/udp_socket.h"

namespace weir::detail {

/// A datagram socket with all that `options` says, bound to `local` and connected to `peer` if
/// these are not none.
[[nodiscard]] Result<SocketGuard> make_udp_socket(const Address& local, const Address& peer,
                                                  const UdpOptions& options) noexcept;

/// False if the environment variable says "off" (or "0"): for kernels that mangle trains.
[[nodiscard]] bool allows_offload(const char* variable) noexcept;

[[nodiscard]] Result<BufferGrant> set_buffer(int fd, int option, int forced_option,
                                             std::size_t bytes) noexcept;
/// What the socket has now. \param option SO_RCVBUF or SO_SNDBUF
[[nodiscard]] Result<BufferGrant> buffer_grant(int fd, int option,
                                               std::size_t asked_bytes) noexcept;
[[nodiscard]] Result<void> set_path_mtu(int fd, bool is_ipv6, PathMtuPolicy policy) noexcept;
[[nodiscard]] Result<void> attach_steering(int fd, const Steering& steering,
                                           unsigned sockets) noexcept;
/// `Error::option_invalid` if it reads a number that is not 1, 2 or 4 bytes long.
[[nodiscard]] Result<void> validate(const Steering& steering) noexcept;

enum class Membership : std::uint8_t { join, leave };
[[nodiscard]] Result<void> change_membership(int fd, Membership change, const Address& group,
                                             unsigned interface_index,
                                             const Address& source) noexcept;

[[nodiscard]] Result<void> set_option(int fd, int level, int option, int value) noexcept;

}  // namespace weir::detail
