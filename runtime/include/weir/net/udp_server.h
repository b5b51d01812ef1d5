// The same UDP service on every shard: one socket a shard, all bound to one port.
//
//     auto server = weir::UdpServer::bind(weir::Address::any(7000));
//     auto served = co_await server->serve(echo);        // echo(weir::UdpSocket) on each shard
//
// The kernel spreads the datagrams as `Steering` says; by default a peer always meets the same
// shard.
#pragma once

#include <functional>
#include <utility>

#include "weir/base/result.h"
#include "weir/core/task.h"
#include "weir/net/udp_socket.h"

namespace weir {

/// A port that every shard receives on; move-only. Binds a socket for each shard in the shards'
/// order, which is what steering by CPU or by payload counts on.
class UdpServer {
 public:
  UdpServer() noexcept = default;
  UdpServer(UdpServer&& other) noexcept;
  UdpServer& operator=(UdpServer&& other) noexcept;
  ~UdpServer();

  /// Errors: those of UdpSocket::bind; `Error::option_invalid` for a steering that makes no sense.
  [[nodiscard]] static Result<UdpServer> bind(const Address& local, const UdpOptions& options = {},
                                              const Steering& steering = {});

  /// What it is bound to; with the port that the kernel chose if 0 was asked for.
  [[nodiscard]] const Address& address() const noexcept { return address_; }

  /// Runs `service(UdpSocket)`, which returns a Task<Result<void>>, once on each shard, and yields
  /// when all have returned: the first error, if there was one. Each returns when its socket's
  /// `receive` yields an empty batch: the runtime drains. Cancelling cancels them. Once only.
  using Service = std::function<Task<Result<void>>(UdpSocket)>;
  [[nodiscard]] Task<Result<void>> serve(Service service);

 private:
  std::vector<int> sockets_;  ///< open, by shard
  UdpOptions options_;
  Address address_;
};

}  // namespace weir
