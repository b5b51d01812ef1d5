// Accept sources.
#include <sys/socket.h>

#include <cerrno>

#include "reactor/accept_error.h"
#include "reactor/epoll/epoll_reactor.h"

namespace weir::reactor {
void EpollReactor::start(AcceptSource& source) noexcept {
  if (const int error = begin_reading(source)) return finish_reader(source, -error);
  if (source.accepted.size() >= source.accepted_max) return finish_reader(source, 0);
  if (source.descriptor().readable) pending_.push_back(source.descriptor());
}

void EpollReactor::serve_accept(Descriptor& descriptor, AcceptSource& source) noexcept {
  const std::size_t count_before = source.accepted.size();
  for (int tries = accept_budget; tries > 0; --tries) {
    if (source.accepted.size() >= source.accepted_max) return finish_reader(source, 0);
    ++stats_.system_calls;
    const int fd = ::accept4(descriptor.fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      source.accepted.push_back(fd);
    } else if (errno == EAGAIN) {
      descriptor.readable = false;
      break;
    } else if (errno != EINTR && !concerns_one_connection(errno)) {
      // `readable` stays: a source that is started again, when there are descriptors to be had,
      // tries.
      return finish_reader(source, -errno);
    }
  }
  if (descriptor.readable) pending_.push_back(descriptor);
  if (source.accepted.size() != count_before) notify(source);
}

}  // namespace weir::reactor
