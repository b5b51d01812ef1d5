// Poll operations: level-triggered, as poll(2).
#include <poll.h>

#include <cerrno>

#include "reactor/epoll/epoll_reactor.h"
#include "weir/base/assert.h"

namespace weir::reactor {
namespace {

/// What poll(2) says of a file that has no readiness, such as a regular one.
constexpr short always_ready = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;

}  // namespace

void EpollReactor::start(PollOperation& operation) noexcept {
  WEIR_ASSERT(!operation.in_flight());
  set_state(operation, Operation::State::submitted);
  int error = polls_.open_in(set_, stats_.system_calls);
  if (error == 0) error = polls_.add(operation, stats_.system_calls);
  const int ready = operation.events & always_ready;
  if (error == EPERM && ready != 0) {
    complete(operation, ready);
  } else if (error != 0) {
    complete(operation, -error);
  }
}

void EpollReactor::harvest_polls() noexcept {
  OperationList ripe;
  polls_.harvest(ripe, stats_.system_calls);
  while (!ripe.empty()) {
    Operation& operation = ripe.pop_front();
    complete(operation, operation.result);
  }
}

}  // namespace weir::reactor
