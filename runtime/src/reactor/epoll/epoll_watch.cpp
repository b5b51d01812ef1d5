// Registration of stream descriptors, and their two slots: one operation that waits for
// readability, one that waits for writability.
#include "reactor/epoll/epoll_reactor.h"
#include "weir/base/assert.h"

namespace weir::reactor {
namespace {

constexpr std::uint32_t stream_events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET;

}  // namespace

/// Registers the descriptor with its first need. \returns 0 or the errno
int EpollReactor::watch(Descriptor& descriptor) noexcept {
  if (descriptor.registered) [[likely]]
    return 0;
  WEIR_ASSERT(descriptor.fd >= 0);
  ++stats_.system_calls;
  const int error = set_.add(descriptor.fd, stream_events, {.ptr = &descriptor});
  if (error != 0) return error;
  descriptor.registered = true;
  descriptor.readable = false;  // if there is something to read the first event says so
  descriptor.hang_up = false;
  descriptor.writable = true;  // until a try proves otherwise
  return 0;
}

/// Takes the descriptor out of the set. Not left to close(2): a duplicate (dup, fork) would keep
/// the registration alive, and events would come for memory that is gone.
void EpollReactor::unwatch(Descriptor& descriptor) noexcept {
  WEIR_ASSERT(descriptor.reading == nullptr && descriptor.writing == nullptr &&
              !descriptor.pending);
  if (descriptor.registered) {
    ++stats_.system_calls;
    set_.remove(descriptor.fd);
  }
  descriptor.registered = false;
  descriptor.readable = descriptor.writable = descriptor.hang_up = false;
}

/// Makes `operation` its descriptor's reader. \returns 0 or the errno, to finish it with
int EpollReactor::begin_reading(Operation& operation) noexcept {
  Descriptor& descriptor = operation.descriptor();
  WEIR_ASSERT(!operation.in_flight() && descriptor.reading == nullptr);
  set_state(operation, Operation::State::submitted);
  descriptor.reading = &operation;
  return watch(descriptor);
}

void EpollReactor::finish_reader(Operation& operation, int result) noexcept {
  Descriptor& descriptor = operation.descriptor();
  WEIR_ASSERT(descriptor.reading == &operation);
  descriptor.reading = nullptr;
  pending_.remove(descriptor);
  complete(operation, result);
}

void EpollReactor::finish_writer(Operation& operation, int result) noexcept {
  Descriptor& descriptor = operation.descriptor();
  WEIR_ASSERT(descriptor.writing == &operation);
  descriptor.writing = nullptr;
  complete(operation, result);
}

}  // namespace weir::reactor
