// One connection of a server: from accept until its descriptor is closed.
#pragma once

#include <cstddef>

#include "net/stream_state.h"
#include "weir/base/list_node.h"
#include "weir/core/cancel.h"
#include "weir/core/runnable.h"
#include "weir/core/task.h"
#include "weir/core/timer_queue.h"

namespace weir::detail {

class ShardServer;

/// Holds a reference to the stream. Ends when the handler's task has ended and the stream is
/// closed.
class ServedConnection final : public ListNode,
                               private Runnable,
                               private CloseObserver,
                               private Timer {
 public:
  ServedConnection(ShardServer& server, StreamState& stream, std::size_t quota_key) noexcept;
  ~ServedConnection();
  static void* operator new(std::size_t bytes);
  static void operator delete(void* connection, std::size_t bytes) noexcept;

  /// The handler runs later in this turn or in the next, never inside this call.
  void start(Task<Result<void>> handler) noexcept;
  void cancel(std::error_code reason) noexcept;
  /// The stream ends after what has arrived by now.
  void drain() noexcept { stream_.end_receiving(); }

  [[nodiscard]] StreamState& stream() const noexcept { return stream_; }
  [[nodiscard]] std::size_t quota_key() const noexcept { return quota_key_; }
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
  std::size_t quota_key_;
  bool handler_ended_ = false;
  bool closed_ = false;
  bool failed_ = false;
  bool idle_cancelled_ = false;
};

// A size class of mimalloc, and a part of what an idle connection costs: see StreamState.
static_assert(sizeof(ServedConnection) <= 160);

}  // namespace weir::detail
