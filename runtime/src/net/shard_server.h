// One shard's part of `serve`: accepts, runs a handler for each connection, keeps the limits,
// drains.
#pragma once

#include <cstddef>
#include <functional>

#include "net/listener_state.h"
#include "net/served_connection.h"
#include "net/stream_state.h"
#include "weir/base/list_node.h"
#include "weir/core/cancel.h"
#include "weir/core/event.h"
#include "weir/core/task.h"
#include "weir/net/listener.h"

namespace weir::detail {

class ShardServer final : private DrainObserver {
 public:
  using Serve = std::function<Task<Result<void>>(StreamState*)>;

  /// Takes over the listening socket.
  ShardServer(int fd, bool is_tcp, Serve serve, const ServeOptions& options);
  ShardServer(const ShardServer&) = delete;
  ShardServer& operator=(const ShardServer&) = delete;
  ~ShardServer();

  /// Until the drain, a cancellation or an error that accepting can't recover from; then until
  /// every connection has ended. The server outlives the task.
  [[nodiscard]] Task<Result<ServeStats>> run();

  [[nodiscard]] Duration idle_timeout() const noexcept { return options_.idle_timeout; }

 private:
  friend class ServedConnection;

  [[nodiscard]] Task<std::error_code> accept_connections();
  void serve_connection(int fd);
  [[nodiscard]] bool within_quota(const StreamState& stream, PeerCounts::iterator& peer);
  void connection_ended(ServedConnection& connection) noexcept;
  void drop_connections(std::error_code reason) noexcept;
  void on_drain() noexcept override;

  Shard& shard_;
  ListenerState* listener_;
  const bool is_tcp_;
  Serve serve_;
  const ServeOptions options_;
  ServeStats stats_;
  ListNode connections_;
  std::size_t connection_count_ = 0;
  PeerCounts connections_by_ip_;
  Event room_;  ///< a connection ended, or the drain began
  Event all_ended_;
  bool draining_ = false;
};

}  // namespace weir::detail
