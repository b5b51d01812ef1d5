// The way other threads end a shard's wait: an eventfd in its epoll set.
//
// Registered edge-triggered, so it is never read: each write makes a new edge. Between a wake-up
// and its acknowledgement further ones cost no system call.
#pragma once

#include <atomic>

#include "reactor/owned_fd.h"
#include "weir/base/result.h"

namespace weir::reactor {

class WakeEvent {
 public:
  /// An eventfd. Fails with the system's error.
  [[nodiscard]] static Result<OwnedFd> open();

  explicit WakeEvent(OwnedFd fd) noexcept : fd_(std::move(fd)) {}

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

  /// Any thread. What the caller wrote before is visible to the shard after `acknowledge`.
  void notify() noexcept;

  /// The shard, when it has seen the event: from here on a `notify` writes again.
  void acknowledge() noexcept {
    // A read-modify-write, not a store: it reads from the latest `notify`, even one that found the
    // flag set and wrote nothing, and so sees what was done before it.
    outstanding_.exchange(false, std::memory_order_acq_rel);
  }

 private:
  OwnedFd fd_;
  std::atomic<bool> outstanding_ = false;
};

}  // namespace weir::reactor
