// Keeps the calling thread on one CPU. On loopback a datagram is delivered by the CPU that sends
// it: a sender that moves to another CPU may overtake itself.
//
//     const PinnedThread pinned;         // where it runs now
//     const PinnedThread pinned(3);      // a CPU it may run on, else `cpu()` is not 3
#pragma once

#include <sched.h>

namespace weir::test {

class PinnedThread {
 public:
  PinnedThread() : PinnedThread(::sched_getcpu()) {}
  explicit PinnedThread(int cpu) {
    ::sched_getaffinity(0, sizeof before_, &before_);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<unsigned>(cpu), &one);
    ::sched_setaffinity(0, sizeof one, &one);
    cpu_ = ::sched_getcpu();
  }
  PinnedThread(const PinnedThread&) = delete;
  PinnedThread& operator=(const PinnedThread&) = delete;
  ~PinnedThread() { ::sched_setaffinity(0, sizeof before_, &before_); }

  [[nodiscard]] int cpu() const { return cpu_; }

 private:
  cpu_set_t before_{};
  int cpu_ = 0;
};

}  // namespace weir::test
