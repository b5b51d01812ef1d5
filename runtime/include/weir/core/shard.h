// A shard: one thread, one reactor, one buffer pool, one timer queue, one mailbox, and every socket
// it accepted or connected. Shards share nothing; they call each other (weir/core/call.h).
//
// A shard turn, always in this order:
//   1. mailbox    what other shards sent
//   2. ready      coroutines and completions, a bounded number
//   3. flush      every out-queue that was filled in this turn leaves, one gather a socket
//   4. timers     what is due becomes ready
//   5. poll       one system call: submit, wait until the next deadline, reap
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "weir/base/buffer_pool.h"
#include "weir/base/list_node.h"
#include "weir/base/result.h"
#include "weir/core/backend_report.h"
#include "weir/core/runnable.h"
#include "weir/core/timer_queue.h"

namespace weir {

class Runtime;
class Shard;

namespace reactor {
class Reactor;
class Trial;
}  // namespace reactor

namespace detail {

class Mailbox;
struct ShardDeleter;

/// The shard that runs on this thread.
extern constinit thread_local Shard* current_shard [[gnu::tls_model("initial-exec")]];

/// Has something to do at the end of the turn it was marked in. Embedded in a socket.
class TurnEnd : private ListNode {
 public:
  [[nodiscard]] bool marked() const noexcept { return linked(); }

 protected:
  TurnEnd() = default;
  ~TurnEnd() { WEIR_ASSERT(!marked()); }

  /// \param batch how many others have the same to do in this turn, this one included
  virtual void at_turn_end(std::size_t batch) noexcept = 0;

 private:
  friend class weir::Shard;
};

/// Wants to know when the shard begins to drain. Embedded in a listener, an awaiter ... Movable
/// only while it does not observe.
class DrainObserver {
 public:
  DrainObserver() = default;
  DrainObserver(DrainObserver&& other) noexcept { WEIR_ASSERT(!other.observing_); }
  DrainObserver& operator=(DrainObserver&&) = delete;

 protected:
  ~DrainObserver() { WEIR_ASSERT(!observing_); }
  virtual void on_drain() noexcept = 0;

 private:
  friend class weir::Shard;
  DrainObserver* next_ = nullptr;
  DrainObserver* previous_ = nullptr;
  bool observing_ = false;
};

}  // namespace detail

/// Counted since the shard began; monotonic. For reports and tests.
struct ShardStats {
  std::uint64_t turns = 0;
  std::uint64_t resumed = 0;  ///< runnables run
  std::uint64_t timers_due = 0;
  std::uint64_t calls_received = 0;  ///< messages taken from the mailbox
  std::uint64_t system_calls = 0;    ///< of the reactor
  std::uint64_t completions = 0;
  std::uint64_t sends = 0;
  std::uint64_t receives = 0;
  std::uint64_t receive_pauses = 0;  ///< times a stream had to wait for receive buffers
  std::uint64_t queue_overflows = 0;
  std::uint64_t wakes = 0;
  std::uint64_t spins = 0;      ///< times it polled before it would have blocked
  std::uint64_t spins_won = 0;  ///< those in which something came, so that it did not block
  /// Streams without TCP_NODELAY that waited for an answer because Nagle's algorithm held back a
  /// small write; each counts once. What exactly: TcpStream::set_nodelay.
  std::uint64_t nagle_stalls = 0;
  BufferPool::Stats buffers;
};

/// Belongs to its thread: everything here is for that thread unless it says otherwise.
class Shard {
 public:
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  /// The shard of this thread. Precondition: `on_shard()`.
  [[nodiscard]] static Shard& current() noexcept {
    WEIR_ASSERT(on_shard());
    return *detail::current_shard;
  }
  [[nodiscard]] static bool on_shard() noexcept { return detail::current_shard != nullptr; }

  /// How long a shard polls before it blocks, where it tries that out.
  static constexpr Duration spin_tried = std::chrono::microseconds(20);

  [[nodiscard]] unsigned id() const noexcept { return id_; }            ///< any thread
  [[nodiscard]] Runtime& runtime() const noexcept { return runtime_; }  ///< any thread
  [[nodiscard]] BufferPool& pool() noexcept { return pool_; }

  /// The time at which this turn was first asked for it: cheap, and a little behind `Clock::now()`.
  [[nodiscard]] TimePoint turn_time() noexcept {
    if (!turn_time_known_) {
      turn_time_ = Clock::now();
      turn_time_known_ = true;
    }
    return turn_time_;
  }

  [[nodiscard]] ShardStats stats() const noexcept;

  /// \name For what the runtime itself is built of.
  /// @{
  void make_ready(Runnable& runnable) noexcept { ready_.push(runnable); }
  void mark_turn_end(detail::TurnEnd& entry) noexcept {
    if (entry.marked()) return;  // by what else is written in this turn
    entry.link_before(turn_ends_);
    ++turn_end_count_;
  }
  void unmark_turn_end(detail::TurnEnd& entry) noexcept;
  [[nodiscard]] TimerQueue& timers() noexcept { return timers_; }
  [[nodiscard]] reactor::Reactor& reactor() noexcept { return *reactor_; }
  [[nodiscard]] detail::Mailbox& mailbox() noexcept { return *mailbox_; }

  /// Observers hear of the drain once; one that comes when it has begun hears of it in the next
  /// turn.
  void observe_drain(detail::DrainObserver& observer) noexcept;
  void ignore_drain(detail::DrainObserver& observer) noexcept;
  [[nodiscard]] bool draining() const noexcept { return draining_; }

  void count_nagle_stall() noexcept { ++stats_.nagle_stalls; }

  /// Sockets that still flush and close by themselves; the shard does not end before they have.
  std::size_t lingering_sockets = 0;
  /// @}

 private:
  friend class Runtime;
  friend struct detail::ShardDeleter;
  friend class detail::Mailbox;

  enum Signal : std::uint32_t { signal_drain = 1, signal_end = 2 };

  /// Gives back what was not needed since it ran last.
  class Trim final : public Runnable {
   public:
    explicit Trim(Shard& shard) noexcept : shard_(shard) {}
    void run() noexcept override;
    bool expected = false;

   private:
    Shard& shard_;
  };

  Shard(Runtime& runtime, unsigned id);
  ~Shard();

  Result<void> open(Backend backend);  ///< on the shard's thread: makes the reactor
  void run() noexcept;                 ///< turns until told to end and nothing lingers
  void close() noexcept;
  void send_signal(Signal signal) noexcept;  ///< any thread
  void wake_if_sleeping() noexcept;          ///< any thread

  void turn() noexcept;
  void run_ready() noexcept;
  void flush() noexcept;
  void receive_signals() noexcept;
  void begin_drain() noexcept;
  [[nodiscard]] bool has_work() const noexcept;
  [[nodiscard]] bool something_came() noexcept;
  [[nodiscard]] bool may_spin() noexcept;
  [[nodiscard]] std::uint64_t work() const noexcept;
  [[nodiscard]] bool spin() noexcept;
  void block() noexcept;
  void wait() noexcept;
  [[nodiscard]] bool has_spare_memory() const noexcept;
  void trim_later() noexcept;

  Runtime& runtime_;
  const unsigned id_;
  Duration spin_;
  std::unique_ptr<reactor::Trial> spin_trial_;  ///< none: nothing is tried
  TimePoint turn_time_{};
  bool turn_time_known_ = false;
  ReadyQueue ready_;
  TimerQueue timers_;
  detail::ListNode turn_ends_;
  std::size_t turn_end_count_ = 0;
  detail::DrainObserver* drain_first_ = nullptr;
  bool draining_ = false;
  bool ending_ = false;
  BufferPool pool_;
  std::unique_ptr<detail::Mailbox> mailbox_;
  std::unique_ptr<reactor::Reactor> reactor_;
  Trim trim_{*this};
  ShardStats stats_;

  alignas(64) std::atomic<bool> sleeping_ = false;
  std::atomic<std::uint32_t> signals_ = 0;
};

}  // namespace weir
