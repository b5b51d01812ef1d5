#include "net/listener_state.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

#include "reactor/accept_error.h"

namespace weir::detail {
namespace {

/// What listen(2) cuts every backlog to; where /proc can't be read the kernel's default since 5.4.
std::size_t backlog_max() noexcept {
  std::size_t count = 4096;
  const int fd = ::open("/proc/sys/net/core/somaxconn", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return count;
  std::array<char, 32> text{};
  const ssize_t length = ::read(fd, text.data(), text.size());
  ::close(fd);
  if (length > 0) std::from_chars(text.data(), text.data() + length, count);
  return count;
}

/// Connections that wait to be accepted, or a bound on them where the kernel doesn't tell.
std::size_t backlog_size(int fd) noexcept {
  tcp_info told{};
  socklen_t length = sizeof told;
  // Of a listening socket "unacked" is the backlog's length and "sacked" its limit. A Unix socket
  // has no such option, an emulated kernel may leave both at 0.
  const bool known = ::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &told, &length) == 0;
  return known && told.tcpi_sacked != 0 ? told.tcpi_unacked : backlog_max();
}

}  // namespace

ListenerState::ListenerState(int fd) noexcept
    : shard_(Shard::current()), descriptor_(fd), source_(*this) {
  open_reserve();
  shard_.observe_drain(*this);
}

ListenerState::~ListenerState() = default;

/// Given back for a moment when the process is out of descriptors: see `refuse_one`.
void ListenerState::open_reserve() noexcept {
  if (reserve_fd_ < 0) reserve_fd_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

bool ListenerState::try_accept(AcceptWait& waiter) noexcept {
  if (waiter_ != nullptr) {
    waiter.error_ = Error::busy;
  } else if (!source_.accepted.empty()) {
    waiter.fd_ = source_.accepted.front();
    source_.accepted.erase(source_.accepted.begin());
    // Waits ahead of the tests below. NOLINTNEXTLINE(bugprone-branch-clone)
  } else if (source_.in_flight() || source_.queued()) {
    return false;
  } else if (error_ != 0) {
    waiter.error_ = from_errno(std::exchange(error_, 0));
  } else if (draining_) {
    const Result<int> fd = accept_now();
    if (fd) {
      waiter.fd_ = *fd;
    } else {
      waiter.error_ = fd.error();
    }
  } else {
    return false;
  }
  return true;
}

void ListenerState::wait(AcceptWait& waiter) noexcept {
  waiter_ = &waiter;
  if (!source_.in_flight() && !source_.queued()) shard_.reactor().start(source_);
}

/// Also told of the source's end; the waiter then gets what there is.
void ListenerState::on_accept() noexcept {
  if (!source_.in_flight() && source_.result < 0 && source_.result != -ECANCELED && !draining_) {
    error_ = -source_.result;
  }
  if (closing_) {
    delete_if_idle();
    return;
  }
  if (waiter_ == nullptr) return;
  AcceptWait& waiter = *std::exchange(waiter_, nullptr);
  if (!try_accept(waiter)) {
    wait(waiter);
    return;
  }
  waiter.resume_now();
}

void ListenerState::pause() noexcept {
  if (source_.in_flight()) shard_.reactor().cancel(source_);
}

/// What the kernel has completed already is still served: its peers have been told that they are
/// connected. So is who waits in the backlog by now; who comes later is not, or a drain under a
/// storm of connects would not end.
void ListenerState::on_drain() noexcept {
  draining_ = true;
  backlog_left_ = backlog_size(descriptor_.fd);
  error_ = 0;  // of a time before: from here on each accept is a new try
  if (source_.in_flight()) {
    shard_.reactor().cancel(source_);
  } else if (!source_.queued()) {
    shard_.make_ready(source_);
  }
}

/// accept(2) without waiting, on a socket that blocks too. Not by O_NONBLOCK: the shards of a Unix
/// listener share the mode, and with it every accept of io_uring that finds nobody ends at once.
/// Between the look and the accept another shard may take the connection: see
/// `make_listening_socket`.
/// \returns the descriptor, or -1 with errno set: EAGAIN if there is nobody (left)
int ListenerState::accept_waiting(int flags) noexcept {
  for (;;) {
    if (draining_ && backlog_left_ == 0) {
      errno = EAGAIN;
      return -1;
    }
    pollfd listening{.fd = descriptor_.fd, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&listening, 1, 0);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) {
      if (ready == 0) errno = EAGAIN;
      return -1;
    }
    const int fd = ::accept4(descriptor_.fd, nullptr, nullptr, flags);
    const bool is_broken = fd < 0 && reactor::concerns_one_connection(errno);
    if ((fd >= 0 || is_broken) && draining_) --backlog_left_;
    if (fd >= 0 || (errno != EINTR && !is_broken)) return fd;
  }
}

Result<int> ListenerState::accept_now() noexcept {
  const int fd = accept_waiting(SOCK_CLOEXEC | shard_.reactor().socket_flags());
  if (fd >= 0) return fd;
  if (errno == EAGAIN) return fail(Error::shutting_down);
  return fail_errno(errno);
}

bool ListenerState::refuse_one() noexcept {
  if (reserve_fd_ < 0) return false;
  ::close(reserve_fd_);
  reserve_fd_ = -1;
  const int fd = accept_waiting(SOCK_CLOEXEC);
  if (fd >= 0) ::close(fd);
  open_reserve();
  return fd >= 0;
}

void ListenerState::close() noexcept {
  if (waiter_ != nullptr) std::exchange(waiter_, nullptr)->fail_soon(Error::closed);
  closing_ = true;
  shard_.ignore_drain(*this);
  ++shard_.lingering_sockets;
  if (source_.in_flight()) shard_.reactor().cancel(source_);
  delete_if_idle();
}

void ListenerState::delete_if_idle() noexcept {
  if (source_.in_flight() || source_.queued()) return;
  for (const int fd : source_.accepted) ::close(fd);
  source_.accepted.clear();
  if (reserve_fd_ >= 0) ::close(reserve_fd_);
  shard_.reactor().close_now(descriptor_);
  --shard_.lingering_sockets;
  delete this;
}

}  // namespace weir::detail
