// The way other threads end a shard's wait: an eventfd that the ring polls, multishot.
//
// Each write makes a completion, so the eventfd is never read. Between a wake-up and its completion
// further ones cost no system call.
#pragma once

#include <atomic>

#include "reactor/owned_fd.h"
#include "reactor/uring/ring.h"
#include "weir/base/result.h"

namespace weir::reactor {

class WakePoll {
 public:
  [[nodiscard]] Result<> open() noexcept;

  /// Any thread. What the caller wrote before is visible to the shard after `acknowledge`.
  void signal() noexcept;

  [[nodiscard]] bool armed() const noexcept { return armed_; }
  void arm(io_uring_sqe& entry) noexcept;

  /// The shard, with a completion of the poll: from here on a `signal` writes again.
  void acknowledge(const Ring::Completion& completion) noexcept;

 private:
  OwnedFd fd_;
  bool armed_ = false;
  std::atomic<bool> outstanding_ = false;
};

}  // namespace weir::reactor
