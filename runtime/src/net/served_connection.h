// One connection of a server: from accept until its descriptor is closed.
#pragma once

#include <cstddef>
#include <map>

#include "net/stream_state.h"
#include "weir/base/list_node.h"
#include "weir/core/cancel.h"
#include "weir/core/runnable.h"
#include "weir/core/task.h"
#include "weir/core/timer_queue.h"
#include "weir/net/address.h"

namespace weir::detail {

class ShardServer;

/// Open connections by the address they come from, with port 0. Ordered: strangers choose the keys.
using PeerCounts = std::map<Address, std::size_t>;

/// Holds a reference to the stream. Ends when the handler's task has ended and the stream is
/// closed.
class ServedConnection final : public ListNode,
                               private Runnable,
                               private CloseObserver,
                               private Timer {
 public:
  ServedConnection(ShardServer& server, StreamState& stream, PeerCounts::iterator peer) noexcept;
  ~ServedConnection();
  static void* operator new(std::size_t bytes);
  static void operator delete(void* connection, std::size_t bytes) noexcept;

  /// The handler runs later in this turn or in the next, never inside this call.
  void start(Task<Result<void>> handler) noexcept;
  void cancel(std::error_code reason) noexcept;
  /// The stream ends after what has arrived by now.
  void drain() noexcept { stream_.end_receiving(); }

  [[nodiscard]] StreamState& stream() const noexcept { return stream_; }
  /// Where it is counted; the end if it is not.
  [[nodiscard]] PeerCounts::iterator peer() const noexcept { return peer_; }
  [[nodiscard]] bool failed() const noexcept { return failed_; }
  [[nodiscard]] bool idle_cancelled() const noexcept { return idle_cancelled_; }

 private:
  void run() noexcept override;
  [[nodiscard]] bool handler_succeeded() noexcept;
  void on_closed() noexcept override;
  void on_due() noexcept override;
  void watch_idleness() noexcept;
  void end_if_over() noexcept;

  ShardServer& server_;
  StreamState& stream_;
  CancelDomain domain_;
  Task<Result<void>> handler_;
  PeerCounts::iterator peer_;
  bool handler_ended_ = false;
  bool closed_ = false;
  bool failed_ = false;
  bool idle_cancelled_ = false;
};

// A size class of mimalloc, and a part of what an idle connection costs: see StreamState.
static_assert(sizeof(ServedConnection) <= 160);

}  // namespace weir::detail
