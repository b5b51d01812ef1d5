// The ends of a descriptor.
#include <unistd.h>

#include "reactor/epoll/epoll_reactor.h"

namespace weir::reactor {

void EpollReactor::start(CloseOperation& operation) noexcept {
  set_state(operation, Operation::State::submitted);
  close_now(operation.descriptor());
  complete(operation, 0);
}

void EpollReactor::close_now(Descriptor& descriptor) noexcept {
  const int fd = descriptor.fd;
  forget(descriptor);
  // The descriptor is gone whatever close returns; EINTR too, on Linux.
  ++stats_.system_calls;
  ::close(fd);
}

void EpollReactor::forget(Descriptor& descriptor) noexcept {
  unwatch(descriptor);
  descriptor.fd = -1;
}

}  // namespace weir::reactor
