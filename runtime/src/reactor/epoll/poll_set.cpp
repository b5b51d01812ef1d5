#include "reactor/epoll/poll_set.h"

#include <poll.h>

#include <cerrno>

#include "reactor/descriptor.h"

namespace weir::reactor {
namespace {

// poll(2) and epoll(7) share their bits on Linux, so that operations and events need no
// translation.
static_assert(POLLIN == EPOLLIN && POLLPRI == EPOLLPRI && POLLOUT == EPOLLOUT &&
              POLLERR == EPOLLERR && POLLHUP == EPOLLHUP && POLLRDNORM == EPOLLRDNORM &&
              POLLWRNORM == EPOLLWRNORM);

constexpr short always_seen = POLLERR | POLLHUP;

std::uint32_t wanted_by(const PollOperation& operation) noexcept {
  return static_cast<std::uint16_t>(operation.events);
}

}  // namespace

int PollSet::open_in(EpollSet& outer, std::uint64_t& system_calls) noexcept {
  if (inner_) return 0;
  auto inner = EpollSet::open();
  system_calls += 2;
  if (!inner) return inner.error().value();
  ++system_calls;
  const int error = outer.add(inner->fd(), EPOLLIN, {.ptr = this});
  if (error == 0) inner_.emplace(std::move(*inner));
  return error;
}

int PollSet::add(PollOperation& operation, std::uint64_t& system_calls) noexcept {
  const int fd = operation.descriptor().fd;
  const int error = arm(fd, wanted_by(operation) | events_wanted(fd), system_calls);
  if (error == 0) bucket_of(fd).push_back(operation);
  return error;
}

void PollSet::remove(PollOperation& operation, std::uint64_t& system_calls) noexcept {
  const int fd = operation.descriptor().fd;
  bucket_of(fd).remove(operation);
  // Armed for what nobody waits for any more it would only wake the shard once in vain; but for
  // nobody at all it has to go: the descriptor may be closed next, while a duplicate keeps the file
  // open.
  if (events_wanted(fd) == 0) {
    ++system_calls;
    inner_->remove(fd);
  }
}

void PollSet::harvest(OperationList& ripe, std::uint64_t& system_calls) noexcept {
  for (const epoll_event& event : inner_->wait({}, events_, system_calls)) {
    take_ripe(event.data.fd, static_cast<short>(event.events), ripe);
    rearm(event.data.fd, ripe, system_calls);
  }
}

std::uint32_t PollSet::events_wanted(int fd) noexcept {
  std::uint32_t wanted = 0;
  OperationList& bucket = bucket_of(fd);
  for (std::size_t count = bucket.size(); count > 0; --count) {
    auto& operation = static_cast<PollOperation&>(bucket.pop_front());
    if (operation.descriptor().fd == fd) wanted |= wanted_by(operation) | always_seen;
    bucket.push_back(operation);
  }
  return wanted;
}

int PollSet::arm(int fd, std::uint32_t events, std::uint64_t& system_calls) noexcept {
  const epoll_data_t by_fd{.fd = fd};
  ++system_calls;
  const int error = inner_->modify(fd, events | EPOLLONESHOT, by_fd);
  if (error != ENOENT) return error;
  ++system_calls;
  return inner_->add(fd, events | EPOLLONESHOT, by_fd);
}

void PollSet::take_ripe(int fd, short events, OperationList& ripe) noexcept {
  OperationList& bucket = bucket_of(fd);
  for (std::size_t count = bucket.size(); count > 0; --count) {
    auto& operation = static_cast<PollOperation&>(bucket.pop_front());
    const int seen = events & (operation.events | always_seen);
    if (operation.descriptor().fd == fd && seen != 0) {
      operation.result = seen;
      ripe.push_back(operation);
    } else {
      bucket.push_back(operation);
    }
  }
}

void PollSet::rearm(int fd, OperationList& ripe, std::uint64_t& system_calls) noexcept {
  const std::uint32_t wanted = events_wanted(fd);
  if (wanted == 0) return;
  const int error = arm(fd, wanted, system_calls);
  if (error == 0) return;
  OperationList& bucket = bucket_of(fd);
  for (std::size_t count = bucket.size(); count > 0; --count) {
    Operation& operation = bucket.pop_front();
    if (operation.descriptor().fd == fd) {
      operation.result = -error;
      ripe.push_back(operation);
    } else {
      bucket.push_back(operation);
    }
  }
}

}  // namespace weir::reactor
