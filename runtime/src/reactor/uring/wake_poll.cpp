#include "reactor/uring/wake_poll.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "reactor/uring/user_data.h"

namespace weir::reactor {

Result<> WakePoll::open() noexcept {
  fd_ = OwnedFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!fd_.valid()) return fail_errno(errno);
  return {};
}

void WakePoll::signal() noexcept {
  if (outstanding_.exchange(true, std::memory_order_acq_rel)) return;
  // Cannot fail otherwise: the count, which nobody reads, would have to reach 2^64.
  const std::uint64_t one = 1;
  while (::write(fd_.get(), &one, sizeof one) < 0 && errno == EINTR) {
  }
}

void WakePoll::arm(io_uring_sqe& entry) noexcept {
  armed_ = true;
  io_uring_prep_poll_multishot(&entry, fd_.get(), POLLIN);  // Linux 5.13
  entry.user_data = UserData(CompletionTag::wake, nullptr).bits();
}

void WakePoll::acknowledge(const Ring::Completion& completion) noexcept {
  armed_ = completion.more();
  // A read-modify-write, not a store: it reads from the latest `signal`, even one that found the
  // flag set and wrote nothing, and so sees what was done before it.
  outstanding_.exchange(false, std::memory_order_acq_rel);
}

}  // namespace weir::reactor
