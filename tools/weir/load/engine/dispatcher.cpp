#include "tools/weir/load/engine/dispatcher.h"

#include <algorithm>

namespace weir::tools::load {

void Dispatcher::list(RequestSink& sink) {
  if (sink.is_listed || !sink.has_room()) return;
  sink.is_listed = true;
  free_.push_back(&sink);
}

void Dispatcher::offer(TimedRequest request) {
  ++tally_.of(request).requests.offered;
  if (!free_.empty()) {
    RequestSink& sink = *free_.front();
    free_.pop_front();
    sink.is_listed = false;
    request.free = request.due;
    sink.send(request);
    return list(sink);
  }
  if (queue_.size() >= options_.queue_max) {
    ++tally_.of(request).requests.dropped;
    return;
  }
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

void Dispatcher::remove(RequestSink& sink) {
  if (!sink.is_listed) return;
  sink.is_listed = false;
  std::erase(free_, &sink);
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
