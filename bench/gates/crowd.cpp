#include "bench/gates/crowd.h"

#include <sys/ioctl.h>

#include <cerrno>

#include "bench/gates/patience.h"
#include "weir/base/assert.h"

namespace weir::gates {

std::size_t Crowd::begin(int fd) noexcept {
  const std::size_t index = begun_.load(std::memory_order_relaxed);
  WEIR_ASSERT(index < connections_max);
  fds_[index] = fd;
  begun_.store(index + 1, std::memory_order_release);
  return index;
}

void Crowd::hold() noexcept {
  held_.release();
  // A peer that has failed never releases: it drains, which needs this thread.
  (void)released_.try_acquire_for(wait_max);
}

Result<void> Crowd::wait_for_begun(std::size_t count) const {
  return wait_until([&] { return begun_.load(std::memory_order_acquire) >= count; });
}

Result<void> Crowd::wait_for_ended(std::size_t count) const {
  return wait_until([&] { return ended_.load(std::memory_order_acquire) >= count; });
}

Result<void> Crowd::wait_for_hold() {
  if (held_.try_acquire_for(wait_max)) return {};
  return fail_errno(ETIMEDOUT);
}

Result<void> Crowd::wait_for_bytes(std::size_t index, std::size_t bytes) const {
  return wait_until([&] {
    int waiting = 0;
    return ::ioctl(fds_[index], FIONREAD, &waiting) == 0 &&
           static_cast<std::size_t>(waiting) >= bytes;
  });
}

}  // namespace weir::gates
