#include "reactor/epoll/wake_event.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace weir::reactor {

Result<OwnedFd> WakeEvent::open() {
  OwnedFd fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!fd.valid()) return fail_errno(errno);
  return fd;
}

void WakeEvent::notify() noexcept {
  if (outstanding_.exchange(true, std::memory_order_acq_rel)) return;
  // Cannot fail otherwise: the count, which nobody reads, would have to reach 2^64.
  const std::uint64_t one = 1;
  while (::write(fd_.get(), &one, sizeof one) < 0 && errno == EINTR) {
  }
}

}  // namespace weir::reactor
