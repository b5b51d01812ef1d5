// Connects: begun at once, ended by the edge.
//
// A Unix listener whose backlog is full refuses a non-blocking connect with EAGAIN, and nothing
// tells when there is room. io_uring waits then; so do we, by trying again: after 1 ms, then less
// and less often, every 64 ms in the end, until the owner cancels. TCP never comes here.
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "reactor/epoll/epoll_reactor.h"
#include "weir/base/assert.h"

namespace weir::reactor {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds retry_delay_min{1};
constexpr milliseconds retry_delay_max{64};

constexpr std::uint8_t crowded = 1;  // `backend_bits` of a connect that waits for room in a backlog

}  // namespace

void EpollReactor::start(ConnectOperation& operation) noexcept {
  Descriptor& descriptor = operation.descriptor();
  WEIR_ASSERT(!operation.in_flight() && descriptor.writing == nullptr);
  set_state(operation, Operation::State::submitted);
  descriptor.writing = &operation;
  // What an earlier, failed attempt left behind says nothing about this one.
  descriptor.readable = descriptor.writable = descriptor.hang_up = false;
  begin_connect(operation);
}

void EpollReactor::begin_connect(ConnectOperation& operation) noexcept {
  Descriptor& descriptor = operation.descriptor();
  int error = call_connect(operation);
  if (error == 0) descriptor.writable = true;
  if (error == EAGAIN && operation.peer.is_unix()) return wait_for_backlog(operation);
  // Registered only now: a socket that has not begun to connect reports a hang-up.
  const bool begun = error == EINPROGRESS || error == EINTR;
  if (begun) error = watch(descriptor);
  if (!begun || error != 0) return finish_writer(operation, -error);
  descriptor.writable = false;
}

/// The descriptor became writable: connected, or failed. Asked by connect and not by SO_ERROR,
/// after which the socket would refuse its next connect as well.
void EpollReactor::end_connect(ConnectOperation& operation) noexcept {
  const int error = call_connect(operation);
  if (error == EALREADY) {
    operation.descriptor().writable = false;
  } else {
    finish_writer(operation, error == EISCONN ? 0 : -error);
  }
}

int EpollReactor::call_connect(const ConnectOperation& operation) noexcept {
  const Address& peer = operation.peer;
  ++stats_.system_calls;
  const int fd = operation.descriptor().fd;
  return ::connect(fd, peer.as_sockaddr(), peer.sockaddr_length()) == 0 ? 0 : errno;
}

void EpollReactor::wait_for_backlog(ConnectOperation& operation) noexcept {
  if (crowded_connects_.empty()) {
    connect_retry_delay_ = retry_delay_min;
    connect_retry_at_ = Clock::now() + connect_retry_delay_;
  }
  operation.backend_bits = crowded;
  crowded_connects_.push_back(operation);
}

void EpollReactor::cancel_connect(ConnectOperation& operation) noexcept {
  if (operation.backend_bits == crowded) {
    operation.backend_bits = 0;
    crowded_connects_.remove(operation);
  }
  finish_writer(operation, -ECANCELED);
}

void EpollReactor::retry_connects() noexcept {
  const auto now = Clock::now();
  if (now < connect_retry_at_) return;
  const Clock::duration next_delay =
      std::min<Clock::duration>(2 * connect_retry_delay_, retry_delay_max);
  for (std::size_t count = crowded_connects_.size(); count > 0; --count) {
    auto& operation = static_cast<ConnectOperation&>(crowded_connects_.pop_front());
    operation.backend_bits = 0;
    begin_connect(operation);
  }
  connect_retry_delay_ = next_delay;
  connect_retry_at_ = now + next_delay;
}

}  // namespace weir::reactor
