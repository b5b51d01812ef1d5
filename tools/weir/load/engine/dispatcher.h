// Dispatcher: hands each request that is due to a connection that has room, in turn; or keeps it
// until one has; or drops it.
//
//     due --> a free connection?  yes --> send
//                                 no  --> queue (bounded) --> the next that gets room
//                                         or drop: --on-behind drop, queue full
//
// Requests leave in the order in which they were due.
#pragma once

#include <cstddef>
#include <deque>

#include "tools/weir/load/engine/tally.h"
#include "tools/weir/load/engine/timed_request.h"
#include "weir/base/list_node.h"

namespace weir::tools::load {

/// What can take a request.
class RequestSink : private detail::ListNode {
 public:
  /// Precondition: it said that it has room.
  virtual void send(const TimedRequest& request) = 0;
  [[nodiscard]] virtual bool has_room() const noexcept = 0;

 protected:
  ~RequestSink() = default;

 private:
  friend class Dispatcher;
};

struct DispatcherOptions {
  std::size_t queue_max = 0;  ///< 0: drop at once
  Duration timeout{};         ///< what waited longer is not sent any more
};

/// Invariant: while a request is queued no sink is free. A sink is listed at most once.
class Dispatcher {
 public:
  /// `tally` outlives the dispatcher.
  Dispatcher(const DispatcherOptions& options, Tally& tally) : options_(options), tally_(tally) {}

  /// A request is due, or was a moment ago.
  void offer(TimedRequest request);

  /// `sink` has room: it gets what waits, as much as it has room for, and is asked from now on.
  void add_room(RequestSink& sink);
  /// Never asked again, until it has room once more.
  void remove(RequestSink& sink) noexcept { sink.unlink(); }

  /// Drops from the queue what has waited too long.
  void expire(TimePoint now);
  /// The run is over: nothing of the queue will be sent.
  void abandon(TimePoint now);

  [[nodiscard]] std::size_t queued() const noexcept { return queue_.size(); }

 private:
  void list(RequestSink& sink);

  DispatcherOptions options_;
  Tally& tally_;
  std::deque<TimedRequest> queue_;
  detail::ListNode free_;
};

}  // namespace weir::tools::load
