// The reactor: the only part of weir that knows the kernel.
//
// Completion-based. A backend starts operations, delivers what sources receive, and makes completed
// operations ready; it never runs them. One reactor a shard; everything but `wake` is for the
// shard's thread. The backends (uring, epoll) behave alike: tests/conformance runs the same tests
// on each.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "reactor/descriptor.h"
#include "reactor/operation.h"
#include "weir/base/buffer_pool.h"
#include "weir/base/result.h"
#include "weir/core/backend_report.h"
#include "weir/core/runnable.h"

namespace weir::reactor {

class DatagramSendOperation;
class DatagramSource;

using Clock = std::chrono::steady_clock;

/// Counted since start; monotonic.
struct ReactorStats {
  std::uint64_t polls = 0;         ///< calls of `poll`
  std::uint64_t system_calls = 0;  ///< all that the reactor made on the shard's thread
  std::uint64_t completions = 0;   ///< CQEs, or operations completed by epoll's loops
  std::uint64_t sends = 0;         ///< gathers handed to the kernel
  std::uint64_t receives = 0;      ///< deliveries to receive sources
  std::uint64_t bytes = 0;         ///< of streams, received and sent
  std::uint64_t datagrams = 0;     ///< messages received
  std::uint64_t buffers_wanted =
      0;  ///< times a source had to wait for buffers (ENOBUFS, pool spent)
  std::uint64_t sources_rearmed = 0;      ///< multishot requests that ended and were started again
  std::uint64_t queue_overflows = 0;      ///< completion-queue overflows recovered
  std::uint64_t submissions_delayed = 0;  ///< operations that waited for a free submission entry
  std::uint64_t wakes = 0;                ///< wake-ups from other threads that were seen
};

/// What a reactor is made with. `ready` and `pool` are the shard's and outlive the reactor.
struct ReactorOptions {
  ReadyQueue* ready = nullptr;
  BufferPool* pool = nullptr;
  bool adaptive = true;  ///< may try out what costs less: see `Trial`
  std::uint64_t trial_seed = 1;
};

class Reactor {
 public:
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;
  virtual ~Reactor() = default;

  /// \name Starting. Preconditions: the operation is idle, its descriptor open, and no other
  /// operation of its direction (reading: accept, receive ...; writing: connect, send ...) in
  /// flight on it.
  /// @{
  virtual void start(ConnectOperation& operation) noexcept = 0;
  virtual void start(ReceiveIntoOperation& operation) noexcept = 0;
  virtual void start(PollOperation& operation) noexcept = 0;
  virtual void start(CloseOperation& operation) noexcept = 0;
  virtual void start(AcceptSource& source) noexcept = 0;
  virtual void start(ReceiveSource& source) noexcept = 0;
  virtual void start(DatagramSource& source) noexcept = 0;

  /// True: complete already, `result` is set, and `run` will not follow: on a socket buffer with
  /// room a direct system call is the fastest. \param batch how many sends the caller is about to
  /// start in this turn: a backend that gains from batches decides by it.
  [[nodiscard]] virtual bool start(SendOperation& operation, std::size_t batch) noexcept = 0;
  /// The same for datagrams: true if all were taken or one was refused, and `run` will not follow.
  /// False: there is no room, or the rest has to wait for the next turn.
  [[nodiscard]] virtual bool start(DatagramSendOperation& operation) noexcept = 0;
  /// One that does not wait, and has no turn: false if there is no room. It is not in flight then.
  [[nodiscard]] virtual bool try_start(DatagramSendOperation& operation) noexcept = 0;
  /// @}

  /// Asks the kernel to stop an operation in flight. It completes all the same, later and once:
  /// with -ECANCELED, or with whatever it had done by then. Idle or already cancelling: no effect.
  /// Never fails.
  virtual void cancel(Operation& operation) noexcept = 0;

  /// Closes at once, without an operation. Precondition: nothing in flight on it. Sets fd to -1.
  virtual void close_now(Descriptor& descriptor) noexcept = 0;

  /// Lets go of a descriptor that its owner keeps open. Precondition: nothing in flight on it. Sets
  /// fd to -1.
  virtual void forget(Descriptor& descriptor) noexcept = 0;

  /// Submits what was started, waits until something completes, `deadline` passes or `wake` is
  /// called (not at all if `deadline` has passed already), and makes ready what completed. One
  /// system call where the kernel allows it. Clock::time_point::max(): no deadline.
  virtual void poll(Clock::time_point deadline) noexcept = 0;

  /// Makes a `poll` under way, or the next one, return at once. From any thread.
  virtual void wake() noexcept = 0;

  /// Makes `alarm` ready at `when` or soon after, once. One at a time: precondition: the last one
  /// has gone off. For what is due long after: a poll with a deadline costs the kernel a timer each
  /// time, an alarm costs one in all. \returns false if there is no room for it now: ask again
  [[nodiscard]] virtual bool set_alarm(Clock::time_point when, Runnable& alarm) noexcept = 0;

  /// Frees what is kept for bursts: called when the shard has been idle for a while.
  virtual void trim() noexcept {}

  /// True if much is kept for bursts. Calls of `trim` without traffic between them make it false.
  [[nodiscard]] virtual bool has_spare_memory() const noexcept { return false; }

  /// Flags that sockets of this backend are made with, beside SOCK_CLOEXEC: SOCK_NONBLOCK or 0.
  [[nodiscard]] virtual int socket_flags() const noexcept = 0;
  [[nodiscard]] virtual Backend backend() const noexcept = 0;
  [[nodiscard]] const ReactorStats& stats() const noexcept { return stats_; }

 protected:
  explicit Reactor(const ReactorOptions& options) noexcept
      : ready_(*options.ready), pool_(*options.pool) {}

  static void set_state(Operation& operation, Operation::State state) noexcept {
    operation.state_ = state;
  }

  /// The last completion of a one-shot operation, or the end of a source.
  void complete(Operation& operation, int result) noexcept {
    WEIR_ASSERT(operation.in_flight());
    operation.result = result;
    operation.state_ = Operation::State::idle;
    ++stats_.completions;
    if (!operation.queued()) ready_.push(operation);
  }

  /// A source has something new for its owner.
  void notify(Operation& source) noexcept {
    if (!source.queued()) ready_.push(source);
  }

  ReadyQueue& ready_;
  BufferPool& pool_;
  ReactorStats stats_;
};

/// Each fails with the system's error, or `Error::unsupported` where the kernel lacks what it
/// needs.
[[nodiscard]] Result<std::unique_ptr<Reactor>> make_uring_reactor(const ReactorOptions& options);
[[nodiscard]] Result<std::unique_ptr<Reactor>> make_epoll_reactor(const ReactorOptions& options);

/// Decides for the whole process (once; later calls with the same wish give the same answer).
/// `Error::backend_unavailable` if the forced backend can't be had.
[[nodiscard]] std::expected<BackendReport, BackendRefusal> choose_backend(Backend wish);

/// A reactor of the kind `backend` (io_uring or epoll, not automatic).
[[nodiscard]] Result<std::unique_ptr<Reactor>> make_reactor(Backend backend,
                                                            const ReactorOptions& options);

}  // namespace weir::reactor
