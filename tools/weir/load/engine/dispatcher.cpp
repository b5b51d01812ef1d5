#include "tools/weir/load/engine/dispatcher.h"

#include <algorithm>

namespace weir::tools::load {

void Dispatcher::list(RequestSink& sink) {
  if (sink.linked() || !sink.has_room()) return;
  sink.link_before(free_);
}

void Dispatcher::offer(TimedRequest request) {
  ++tally_.of(request).requests.offered;
  if (free_.linked()) {
    auto& sink = static_cast<RequestSink&>(*free_.next());
    sink.unlink();
    request.free = request.due;
    sink.send(request);
    return list(sink);
  }
  if (options_.queue_max == 0) {
    ++tally_.of(request).requests.dropped;
    return;
  }
  // Whoever queues wants to know how long it takes, also of those for which there is no room.
  if (queue_.size() >= options_.queue_max) return tally_.crowded_out(request, Clock::now());
  queue_.push_back(request);
}

void Dispatcher::add_room(RequestSink& sink) {
  const TimePoint now = queue_.empty() ? TimePoint() : Clock::now();
  while (!queue_.empty() && sink.has_room()) {
    TimedRequest request = queue_.front();
    queue_.pop_front();
    if (now - request.due >= options_.timeout) {
      tally_.never_sent(request, now, /*is_timeout=*/true);
      continue;
    }
    request.free = std::max(request.due, now);
    sink.send(request);
  }
  list(sink);
}

void Dispatcher::expire(TimePoint now) {
  while (!queue_.empty() && now - queue_.front().due >= options_.timeout) {
    tally_.never_sent(queue_.front(), now, /*is_timeout=*/true);
    queue_.pop_front();
  }
}

void Dispatcher::abandon(TimePoint now) {
  for (const TimedRequest& request : queue_) tally_.never_sent(request, now, /*is_timeout=*/false);
  queue_.clear();
}

}  // namespace weir::tools::load
