// One io_uring instance: the two queues and the system call between them.
//
//     next_entry() ---> SQ ---enter()---> kernel ---> CQ ---> for_each_completion()
//
// Mapped and driven by ourselves instead of through liburing: newer enter flags are ours to pass,
// each system call is ours to count, and it does not matter which liburing is installed. Its header
// serves for the structures and the memory barriers.
//
// One thread submits: the one that opened the ring. The memory is not inherited by a fork.
#pragma once

#include <liburing.h>

#include <cstddef>
#include <cstdint>

#include "reactor/owned_fd.h"
#include "weir/base/result.h"

namespace weir::reactor {

struct RingOptions {
  // Small: a long SQ only delays its head. Large: one submission may complete many times.
  unsigned submission_entries = 256;
  unsigned completion_entries = 4096;
  // What the self-tests allow; without all of them it is the ring of Linux 5.19.
  bool defer_taskrun = true;
  bool register_ring = true;
  bool no_iowait = true;
};

class Ring {
 public:
  Ring() noexcept = default;
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring();

  /// Fails with the system's error, or `Error::unsupported` where the kernel has no wait timeout.
  [[nodiscard]] Result<> open(const RingOptions& options) noexcept;

  /// An entry of zeros to fill in, submitted by the next `enter`. nullptr if the queue has no more
  /// than `keep_free` free ones.
  [[nodiscard]] io_uring_sqe* next_entry(unsigned keep_free) noexcept {
    if (sq_entries_ - unsubmitted() <= keep_free) return nullptr;
    io_uring_sqe& entry = sqes_[sq_tail_ & sq_mask_];
    ++sq_tail_;
    entry = io_uring_sqe{};
    return &entry;
  }

  /// Entries that the kernel has not taken yet.
  [[nodiscard]] unsigned unsubmitted() const noexcept {
    return sq_tail_ - io_uring_smp_load_acquire(sq_head_);
  }

  /// Submits all entries; then, with `wait`, sleeps until there is a completion or `timeout` has
  /// passed (nullptr: none). Without, runs the completion work that is due if `collect`.
  /// \returns the entries submitted, or -errno
  struct Enter {
    bool wait = false;
    bool collect = false;
    __kernel_timespec* timeout = nullptr;
  };
  int enter(const Enter& how) noexcept;

  /// Takes every completion that is in the queue. \returns how many
  template <class Visitor>
  unsigned for_each_completion(Visitor&& visit) noexcept {
    unsigned count = 0;
    unsigned head = *cq_head_;
    for (; head != io_uring_smp_load_acquire(cq_tail_); ++count) {
      // Copied and released before it is looked at: a visitor may submit, which makes completions.
      const Completion completion(cqes_[head & cq_mask_]);
      io_uring_smp_store_release(cq_head_, ++head);
      visit(completion);
    }
    return count;
  }

  struct Completion {
    explicit Completion(const io_uring_cqe& cqe) noexcept
        : user_data(cqe.user_data), result(cqe.res), flags(cqe.flags) {}
    [[nodiscard]] bool more() const noexcept { return (flags & IORING_CQE_F_MORE) != 0; }

    std::uint64_t user_data;
    std::int32_t result;
    std::uint32_t flags;
  };

  [[nodiscard]] bool has_completions() const noexcept {
    return *cq_head_ != io_uring_smp_load_acquire(cq_tail_);
  }
  /// Completions wait in the kernel for room in the queue: `enter` with `collect` moves them.
  [[nodiscard]] bool overflowed() const noexcept {
    return (sq_flags() & IORING_SQ_CQ_OVERFLOW) != 0;
  }
  /// `enter` with `collect` may bring completions: so the kernel says, or it does not say.
  [[nodiscard]] bool may_collect() const noexcept {
    return !tells_work_ || (sq_flags() & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW)) != 0;
  }

  /// io_uring_register. \returns >= 0 or -errno
  int register_resource(unsigned opcode, const void* argument, unsigned count) noexcept;

  [[nodiscard]] unsigned setup_flags() const noexcept { return setup_flags_; }
  [[nodiscard]] unsigned features() const noexcept { return features_; }
  [[nodiscard]] unsigned submission_entries() const noexcept { return sq_entries_; }
  [[nodiscard]] bool registered() const noexcept { return registered_index_ >= 0; }

 private:
  [[nodiscard]] int set_up(const RingOptions& options, io_uring_params& params) noexcept;
  [[nodiscard]] int map(const io_uring_params& params) noexcept;
  void register_ring() noexcept;
  void unregister_ring() noexcept;
  [[nodiscard]] unsigned sq_flags() const noexcept;

  OwnedFd fd_;
  int registered_index_ = -1;
  unsigned setup_flags_ = 0;
  unsigned features_ = 0;
  unsigned wait_flags_ = 0;
  bool tells_work_ = false;

  std::byte* rings_ = nullptr;
  std::size_t rings_bytes_ = 0;
  io_uring_sqe* sqes_ = nullptr;
  std::size_t sqes_bytes_ = 0;

  unsigned* sq_head_ = nullptr;  // the kernel moves it
  unsigned* sq_ring_tail_ = nullptr;
  unsigned* sq_ring_flags_ = nullptr;
  unsigned sq_tail_ = 0;  // ours: runs ahead of the ring's between two enters
  unsigned sq_mask_ = 0;
  unsigned sq_entries_ = 0;
  unsigned* cq_head_ = nullptr;
  unsigned* cq_tail_ = nullptr;  // the kernel moves it
  unsigned cq_mask_ = 0;
  io_uring_cqe* cqes_ = nullptr;
};

}  // namespace weir::reactor
