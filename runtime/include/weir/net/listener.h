// Listeners: accept connections and serve them, on every shard.
//
// A TCP listener is one socket a shard, all bound to one port (SO_REUSEPORT): the kernel spreads
// new connections over them and a connection stays on the shard that accepted it. A Unix listener
// is one socket that all shards accept from.
//
//     weir::Task<weir::Result<void>> serve() {
//       auto listener = weir::TcpListener::bind(weir::Address::any(7000));
//       if (!listener) co_return std::unexpected(listener.error());
//       auto served = co_await listener->serve(echo);      // until the drain or a cancellation
//       ...
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "weir/base/result.h"
#include "weir/core/task.h"
#include "weir/core/timer_queue.h"
#include "weir/net/address.h"
#include "weir/net/switch.h"
#include "weir/net/tcp_stream.h"
#include "weir/net/unix_stream.h"

namespace weir {

namespace detail {
class ListenerState;
}

/// Which shards a listener accepts on.
enum class ListenOn : std::uint8_t { every_shard, this_shard };

struct ListenOptions {
  int backlog = 4096;  ///< connections the kernel completes ahead of accept; capped by somaxconn
  ListenOn shards = ListenOn::every_shard;
  /// TCP_DEFER_ACCEPT: seconds the kernel waits for the first byte before it hands a connection
  /// over; 0: off.
  int defer_accept_s = 0;
  /// An IPv6 TCP listener that takes IPv4 connections too; their peers are ::ffff:a.b.c.d.
  Switch dual_stack = Switch::off;
};

/// Limits are each shard's own. Peers that never read hold what the stream's limits allow each;
/// enough of them spend the shard's buffer budget, and then everybody waits: an idle timeout is
/// what ends them.
struct ServeOptions {
  std::size_t connections_max = 100'000;  ///< beyond it new ones wait in the kernel's backlog
  /// Beyond it new ones of that peer's address are closed at once; 0: no quota. Who owns an IPv6
  /// network has more addresses than any quota counts: `connections_max` holds there.
  std::size_t connections_per_ip_max = 0;
  Duration idle_timeout{};  ///< no byte in or out for so long: cancelled; 0: none
  Duration close_timeout =
      std::chrono::seconds(2);  ///< see Stream: for the out-queue and the peer's FIN
  StreamLimits limits{};
};

/// What became of the connections, all shards together.
struct ServeStats {
  std::uint64_t accepted = 0;
  std::uint64_t ended = 0;
  std::uint64_t failed = 0;   ///< of those: their task yielded an error or threw
  std::uint64_t dropped = 0;  ///< still open when serving was cancelled, or the drain's time was up
  std::uint64_t idle_cancelled = 0;
  std::uint64_t refused_by_quota = 0;
  std::uint64_t refused_for_descriptors =
      0;  ///< accepted with the reserve descriptor and closed at once
  std::uint64_t accept_pauses =
      0;                           ///< times accepting backed off for want of descriptors or memory
  std::uint64_t limit_pauses = 0;  ///< times `connections_max` was reached
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;

  ServeStats& operator+=(const ServeStats& other) noexcept;
};

/// Sockets that listen; move-only. Closed when destroyed.
class Listener {
 public:
  Listener() noexcept;
  Listener(Listener&& other) noexcept;
  Listener& operator=(Listener&& other) noexcept;
  ~Listener();

  /// What it is bound to; with the port that the kernel chose if 0 was asked for.
  [[nodiscard]] const Address& address() const noexcept { return address_; }

  /// Stops listening. An `accept` that waits on this shard ends with `Error::closed`; a `serve`
  /// under way is ended by the drain or by cancelling it, not by this.
  void close() noexcept;

 protected:
  using Serve = std::function<Task<Result<void>>(detail::StreamState*)>;

  [[nodiscard]] Result<void> open(const Address& address, const ListenOptions& options);
  [[nodiscard]] Task<Result<detail::StreamState*>> accept_state(StreamLimits limits);
  [[nodiscard]] Task<Result<ServeStats>> serve_states(Serve serve, ServeOptions options);

 private:
  /// Open sockets that no shard accepts on yet, by shard; -1 where there is none.
  std::vector<int> sockets_;
  Address address_;
  detail::ListenerState* local_ = nullptr;  ///< this shard's, once it accepts
  std::string path_;                        ///< to be removed
};

namespace detail {

template <typename T>
Task<Result<void>> discard_value(Task<T> task) {
  co_await std::move(task);
  co_return Result<void>();
}

/// Runs a handler over a stream made of `state`.
template <typename S, typename Handler>
Task<Result<void>> run_handler(Handler* handler, StreamState* state) {
  using Yields = typename std::invoke_result_t<Handler&, S>::value_type;
  if constexpr (std::is_same_v<Yields, Result<void>>) {
    return (*handler)(S(state));
  } else {
    return discard_value((*handler)(S(state)));
  }
}

}  // namespace detail

class TcpListener : public Listener {
 public:
  using Stream = TcpStream;

  /// Binds and listens. Port 0: the kernel chooses one. Errors: EADDRINUSE, EACCES, EADDRNOTAVAIL
  /// ...; `Error::address_invalid` for a Unix address.
  [[nodiscard]] static Result<TcpListener> bind(const Address& address, ListenOptions options = {});

  /// One connection, on this shard; cancellable, and a cancelled accept leaks no descriptor: the
  /// connection is the next one's. `Error::shutting_down` once the shard drains. Descriptors
  /// running out is an error here (EMFILE); `serve` deals with it.
  [[nodiscard]] Task<Result<TcpStream>> accept(StreamLimits limits = {});

  /// Accepts on every shard and runs `handler(TcpStream)`, which returns a Task, for each
  /// connection on the shard that accepted it: the handler is copied to each shard and called
  /// there. A connection's failure is counted and ends that connection only.
  ///
  /// When the runtime drains it stops accepting, serves what had arrived by then (every stream ends
  /// after the bytes that have come) and returns once all connections have closed. Cancelled
  /// meanwhile, or when the drain's time is up, it cancels the handlers, drops what is left and
  /// counts it. Cancelled without a drain it does the same and returns the reason as its error.
  template <typename Handler>
  [[nodiscard]] Task<Result<ServeStats>> serve(Handler handler, ServeOptions options = {}) {
    return serve_states(
        [handler](detail::StreamState* state) mutable {
          return detail::run_handler<TcpStream>(&handler, state);
        },
        options);
  }
};

/// For Unix sockets. `bind` replaces nothing: a path that exists is EADDRINUSE unless nobody
/// listens there any more, then the stale socket is removed. The path is removed when the listener
/// closes.
class UnixListener : public Listener {
 public:
  using Stream = UnixStream;

  [[nodiscard]] static Result<UnixListener> bind(const Address& address,
                                                 ListenOptions options = {});
  [[nodiscard]] Task<Result<UnixStream>> accept(StreamLimits limits = {});

  template <typename Handler>
  [[nodiscard]] Task<Result<ServeStats>> serve(Handler handler, ServeOptions options = {}) {
    return serve_states(
        [handler](detail::StreamState* state) mutable {
          return detail::run_handler<UnixStream>(&handler, state);
        },
        options);
  }
};

}  // namespace weir
