#include "tools/weir/serve/work_queue.h"

#include <algorithm>
#include <utility>

namespace weir::tools::serve {

void WorkQueue::push(WorkRequest request) {
  WEIR_ASSERT(requests_.size() < capacity_);
  requests_.push_back(std::move(request));
  longest_ = std::max(longest_, requests_.size());
}

const WorkRequest& WorkQueue::front() const noexcept {
  WEIR_ASSERT(!requests_.empty());
  return requests_.front();
}

WorkRequest WorkQueue::pop() noexcept {
  WEIR_ASSERT(!requests_.empty());
  WorkRequest request = std::move(requests_.front());
  requests_.pop_front();
  room.release();
  return request;
}

void WorkQueue::forget(const WorkClient& client) noexcept {
  for (WorkRequest& request : requests_) {
    if (request.client == &client) request.client = nullptr;
  }
}

}  // namespace weir::tools::serve
