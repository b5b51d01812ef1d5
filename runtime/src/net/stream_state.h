// What is behind a Stream: one connected socket, its inbox and its out-queue.
//
// Lives on the heap because it outlives its handle: until the socket is closed, the last operation
// on it has completed (invariant 1 of the architecture) and nobody refers to it any more, it
// deletes itself.
//
//     open --close()--> flushing --out-queue empty--> lingering --peer's FIN, time limit--> closed
//       |                   |            (FIN sent; what comes is dropped)                    ^
//       +--abort()----------+------------- send error, time limit: reset --------------------+
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "net/write_write_read.h"
#include "reactor/reactor.h"
#include "weir/base/chain.h"
#include "weir/base/pool_holder.h"
#include "weir/core/shard.h"
#include "weir/net/internet_address.h"
#include "weir/net/stream.h"
#include "weir/net/switch.h"

namespace weir::detail {

class StreamState final : public reactor::Descriptor,
                          private TurnEnd,
                          private PoolHolder,
                          private Timer {
 public:
  /// Takes over an open, connected stream socket made with the reactor's `socket_flags`.
  /// The caller holds one reference and hands it to a Stream, or releases it.
  [[nodiscard]] static StreamState* adopt(int open_fd, bool is_tcp, const StreamLimits& limits);

  /// For a stream that is about to be closed under its handle, whose holder may ask all the same.
  void remember_peer() noexcept;

  StreamState(const StreamState&) = delete;
  StreamState& operator=(const StreamState&) = delete;
  static void* operator new(std::size_t bytes);
  static void operator delete(void* state, std::size_t bytes) noexcept;

  void add_reference() noexcept { ++references_; }
  void release() noexcept;

  /// \name Reading
  /// @{
  /// True if the reader need not wait: its result can be taken. Its error is set if it has one.
  [[nodiscard]] bool try_read(StreamReader& reader) noexcept;
  void wait_for_bytes(StreamReader& reader) noexcept;
  void cancel_reader(StreamReader& reader, std::error_code reason) noexcept;
  /// Precondition: `taken` is empty.
  void take_inbox(const StreamReader& reader, Chain& taken) noexcept;
  /// Hands the reader all there is. True if that was enough for it.
  [[nodiscard]] bool take_inbox_by(ReadUntil& reader) noexcept;
  [[nodiscard]] std::size_t copy_inbox(std::span<std::byte> destination) noexcept;
  /// Drain: what has arrived by now can still be read, then the stream ends.
  void end_receiving() noexcept;
  /// @}

  /// \name Writing
  /// @{
  /// Why what was queued can't be waited for, if so.
  [[nodiscard]] std::error_code flush_error() const noexcept;
  /// Why nothing more may be written, if so.
  [[nodiscard]] std::error_code write_error() const noexcept;
  /// There is no `write_error()`: cheaper to ask.
  [[nodiscard]] bool accepts_bytes() const noexcept {
    return open() && send_errno_ == 0 && !writes_refused_;
  }
  /// Precondition: `accepts_bytes()`.
  void enqueue(Chain&& bytes) noexcept { open_queue().append(std::move(bytes)); }
  /// The out-queue, for what is appended to it at once. Precondition: `accepts_bytes()`.
  [[nodiscard]] Chain& open_queue() noexcept {
    if (!sending()) {
      shard().mark_turn_end(*this);
    } else {
      send_.awaited = true;  // by what is appended
    }
    return out_queue_;
  }
  /// The writer is resumed when the kernel has taken all up to its `end_`.
  void wait_for_queue(StreamWriter& writer) noexcept;
  void cancel_writer(StreamWriter& writer, std::error_code reason) noexcept;
  [[nodiscard]] std::size_t queued_bytes() const noexcept { return out_queue_.size(); }
  [[nodiscard]] bool at_high_water() const noexcept { return queued_bytes() >= high_water_bytes_; }
  [[nodiscard]] std::uint64_t queued_total() const noexcept {
    return taken_total_ + out_queue_.size();
  }
  [[nodiscard]] std::uint64_t taken_total() const noexcept { return taken_total_; }
  [[nodiscard]] std::uint64_t drained_position() const noexcept {
    return queued_total() - std::min<std::size_t>(queued_bytes(), low_water_bytes_);
  }
  /// Sends FIN; precondition: the out-queue is empty.
  [[nodiscard]] std::error_code send_fin() noexcept;
  void refuse_writes() noexcept { writes_refused_ = true; }
  /// @}

  /// \name Closing
  /// @{
  void close() noexcept;
  void abort() noexcept;
  [[nodiscard]] bool open() const noexcept { return phase_ == Phase::open; }
  [[nodiscard]] bool closed() const noexcept { return phase_ == Phase::closed; }
  /// Precondition: not closed.
  void observe_close(CloseObserver& observer) noexcept;
  [[nodiscard]] std::error_code last_send_error() const noexcept;
  /// At least a millisecond, at most a day.
  void set_close_timeout(Duration timeout) noexcept {
    using std::chrono::ceil;
    close_timeout_ = ceil<Milliseconds>(
        std::clamp<Duration>(timeout, std::chrono::milliseconds(1), std::chrono::hours(24)));
  }
  /// @}

  void set_limits(const StreamLimits& limits) noexcept;
  [[nodiscard]] StreamLimits limits() const noexcept;
  [[nodiscard]] StreamStats stats() const noexcept;
  /// From now on it notes when it last received or sent. Others save themselves the clock.
  void watch_activity() noexcept {
    activity_watched_ = true;
    note_activity();
  }
  /// Precondition: `watch_activity()`.
  [[nodiscard]] TimePoint last_activity() const noexcept { return last_activity_; }
  /// TCP_NODELAY was switched. Off, it watches for answers that Nagle's algorithm makes late.
  void note_nodelay(Switch nodelay) noexcept;
  [[nodiscard]] Result<Address> peer_address() const noexcept;

 private:
  using Milliseconds = std::chrono::duration<std::uint32_t, std::milli>;

  enum class Phase : std::uint8_t { open, flushing, lingering, resetting, closed };

  /// The stream whose descriptor an operation of it works on.
  [[nodiscard]] static StreamState& owner_of(const reactor::Operation& operation) noexcept {
    return static_cast<StreamState&>(operation.descriptor());
  }

  class Receive final : public reactor::ReceiveSource {
   public:
    using ReceiveSource::ReceiveSource;
    void run() noexcept override { owner_of(*this).on_receive(); }
  };

  class Send final : public reactor::SendOperation {
   public:
    using SendOperation::SendOperation;
    void run() noexcept override { owner_of(*this).on_send_complete(); }
  };

  /// Only streams that are read with `read_into` have one.
  class ReceiveInto final : public reactor::ReceiveIntoOperation {
   public:
    using ReceiveIntoOperation::ReceiveIntoOperation;
    void run() noexcept override { owner_of(*this).on_receive_into(); }
  };

  StreamState(int open_fd, bool is_tcp, const StreamLimits& limits) noexcept;
  ~StreamState() override;

  [[nodiscard]] static Shard& shard() noexcept { return Shard::current(); }
  [[nodiscard]] static reactor::Reactor& reactor() noexcept { return shard().reactor(); }

  // Most streams are not watched: for them a look at one bit, and the rest out of the way.
  void note_activity() noexcept {
    if (activity_watched_) [[unlikely]]
      note_watched_activity();
  }
  void note_arrival(bool brought_bytes) noexcept {
    if (activity_watched_) [[unlikely]]
      note_watched_arrival(brought_bytes);
  }
  /// The out-queue is about to be handed to the kernel.
  void note_send() noexcept {
    if (activity_watched_) [[unlikely]]
      note_watched_send();
  }

  // stream_receive.cpp
  void on_receive() noexcept;
  void on_receive_into() noexcept;
  [[nodiscard]] bool satisfied(const StreamReader& reader) const noexcept;
  [[nodiscard]] bool receive_ended() const noexcept { return receive_.finished() || input_ended_; }
  void set_end_error(StreamReader& reader) const noexcept;
  void want_bytes(StreamReader& reader) noexcept;
  void start_receive_into(const ReadInto& reader) noexcept;
  void serve_reader() noexcept;
  void inbox_taken() noexcept;
  void collect_arrived() noexcept;
  void take_arrived() noexcept;
  void for_each_chain(FunctionRef<void(Chain&)> visit) noexcept override { visit(receive_.inbox); }

  // stream_send.cpp
  void at_turn_end(std::size_t batch) noexcept override;
  void on_send_complete() noexcept;
  void sent(int result) noexcept;
  void fail_writes(int error) noexcept;
  void drop_writes(std::error_code error) noexcept;
  void serve_writers() noexcept;
  void serve_cancelled_writers() noexcept;
  [[nodiscard]] StreamWriter* first_writer() const noexcept {
    return last_writer_ == nullptr ? nullptr : last_writer_->next_;
  }
  [[nodiscard]] StreamWriter* writer_after(const StreamWriter& writer) const noexcept {
    return &writer == last_writer_ ? nullptr : writer.next_;
  }
  void finish_writer(StreamWriter& writer) noexcept;
  void withdraw(const StreamWriter& writer) noexcept;
  [[nodiscard]] bool in_flight(const StreamWriter& writer) const noexcept;
  /// Until its completion has been looked at: the out-queue still holds what the kernel took.
  [[nodiscard]] bool sending() const noexcept { return send_.in_flight() || send_.queued(); }
  [[nodiscard]] bool receiving_into() const noexcept {
    return receive_into_ != nullptr && (receive_into_->in_flight() || receive_into_->queued());
  }

  // stream_watch.cpp
  void note_watched_activity() noexcept;
  void note_watched_arrival(bool brought_bytes) noexcept;
  void note_watched_send() noexcept;
  void judge_answer() noexcept;
  [[nodiscard]] bool was_held() const noexcept;
  void tell_of_stall() const noexcept;

  // stream_close.cpp
  void on_due() noexcept override;
  void continue_close() noexcept;
  void linger() noexcept;
  void reset() noexcept;
  void stop_receiving() noexcept;
  [[nodiscard]] bool anything_in_flight() const noexcept;
  void close_descriptor() noexcept;
  void delete_if_unused() noexcept;

  Chain out_queue_;
  Receive receive_;
  Send send_;
  std::unique_ptr<ReceiveInto> receive_into_;
  StreamReader* reader_ = nullptr;
  StreamWriter* last_writer_ = nullptr;  ///< of a ring, by `end_` ascending: its next is the first
  CloseObserver* first_observer_ = nullptr;
  std::uint64_t taken_total_ = 0;
  std::uint64_t read_total_ = 0;  ///< taken out of the inbox, or received past it
  TimePoint last_activity_{};
  Milliseconds close_timeout_ = std::chrono::seconds(2);
  std::uint32_t high_water_bytes_;
  std::uint32_t low_water_bytes_;
  std::uint32_t references_ = 1;
  std::uint32_t arrived_bytes_ = 0;  ///< after a drain: with the kernel, still to be read
  std::int16_t send_errno_ = 0;
  WriteWriteRead exchange_;  ///< kept up to date while `nagle_watched_`
  Phase phase_ = Phase::open;
  bool is_tcp_ : 1;
  bool activity_watched_ : 1 = false;  ///< by anybody: looked at first
  bool nagle_watched_ : 1 = false;     ///< activity is watched, too
  bool input_ended_ : 1 = false;       ///< by a drain: no more is received
  bool ending_input_ : 1 = false;      ///< a drain waits for the source to stop
  bool writes_refused_ : 1 = false;    ///< shutdown_write was called
  bool fin_sent_ : 1 = false;
  bool writer_cancelled_ : 1 = false;  ///< one waits for the send in flight to end
  InternetAddress peer_;               ///< none unless remembered
};

// The largest part of what an idle connection costs, which is to stay below 1 KiB: see
// docs/performance.md. 448 is a size class of mimalloc; a byte more would take 512.
static_assert(sizeof(StreamState) <= 448);

/// Negative: there is no stream any more, or it has been closed under its handle.
[[nodiscard]] inline int fd_of(const StreamState* state) noexcept {
  return state == nullptr ? -1 : state->fd;
}

}  // namespace weir::detail
