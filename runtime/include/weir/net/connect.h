// Connecting to a server.
#pragma once

#include "weir/base/result.h"
#include "weir/core/task.h"
#include "weir/core/timer_queue.h"
#include "weir/net/address.h"
#include "weir/net/tcp_stream.h"
#include "weir/net/unix_stream.h"

namespace weir {

struct ConnectOptions {
  Duration timeout =
      std::chrono::seconds(30);  ///< `Error::deadline_exceeded` after it; max(): none
  StreamLimits limits{};
};

/// Connects to an IPv4 or IPv6 address. Errors: the socket's (ECONNREFUSED, EHOSTUNREACH,
/// ENETUNREACH, EADDRNOTAVAIL: out of local ports, EMFILE ...), `Error::deadline_exceeded`,
/// cancellation's; `Error::address_invalid` for a Unix address. A connect that is cancelled leaves
/// no descriptor behind.
[[nodiscard]] Task<Result<TcpStream>> connect(Address address, ConnectOptions options = {});

/// The same from a local address (its port may be 0): to choose among source addresses.
[[nodiscard]] Task<Result<TcpStream>> connect_from(Address local, Address address,
                                                   ConnectOptions options = {});

/// Connects to a Unix socket. Errors as above; ENOENT, ECONNREFUSED, EAGAIN: its backlog is full.
[[nodiscard]] Task<Result<UnixStream>> connect_unix(Address address, ConnectOptions options = {});

}  // namespace weir
