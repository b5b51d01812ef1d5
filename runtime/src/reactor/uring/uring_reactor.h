// The reactor on io_uring: the kernel carries the operations out and says so.
//
//     start   fills a submission entry            no system call (but a lone send is tried at once)
//     poll    one io_uring_enter: submit all, wait for one completion, collect; each completion
//             goes to its operation
//
// An operation in flight is in one of these places:
//
//     backlog   the submission queue was full            -> submitted first thing in the next poll
//     kernel    submitted, or about to be                -> its last completion
//     starved   a receive source without memory          -> submitted again when slabs come back
//     ended     its last completion came, but a cancel that names it is still with the kernel
//
// `ended` makes cancelling safe: an address is not reused while anything refers to it.
//
// Sockets of this backend are blocking ones: with O_NONBLOCK the kernel would answer EAGAIN instead
// of waiting.
//
// One file an operation: uring_receive.cpp, uring_send.cpp ...
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "reactor/datagram/datagram_io.h"
#include "reactor/reactor.h"
#include "reactor/trial.h"
#include "reactor/uring/buffer_ring.h"
#include "reactor/uring/datagram_buffer_ring.h"
#include "reactor/uring/options.h"
#include "reactor/uring/ring.h"
#include "reactor/uring/send_scratch.h"
#include "reactor/uring/wake_poll.h"
#include "weir/base/pool_waiter.h"

namespace weir::reactor {

class UringReactor final : public Reactor {
 public:
  UringReactor(const ReactorOptions& options, const UringOptions& uring) noexcept;
  ~UringReactor() override;

  /// The second half of construction, which can fail.
  [[nodiscard]] Result<> open() noexcept;

  void start(ConnectOperation& operation) noexcept override;
  void start(ReceiveIntoOperation& operation) noexcept override;
  void start(PollOperation& operation) noexcept override;
  void start(CloseOperation& operation) noexcept override;
  void start(AcceptSource& source) noexcept override;
  void start(ReceiveSource& source) noexcept override;
  void start(DatagramSource& source) noexcept override;
  [[nodiscard]] bool start(DatagramSendOperation& operation) noexcept override;
  [[nodiscard]] bool try_start(DatagramSendOperation& operation) noexcept override;
  [[nodiscard]] bool start(SendOperation& operation, std::size_t batch) noexcept override;

  void cancel(Operation& operation) noexcept override;
  void close_now(Descriptor& descriptor) noexcept override;
  void forget(Descriptor& descriptor) noexcept override;
  void poll(Clock::time_point deadline) noexcept override;
  void wake() noexcept override { wake_poll_.signal(); }
  [[nodiscard]] bool set_alarm(Clock::time_point when, Runnable& alarm) noexcept override;
  void trim() noexcept override;
  [[nodiscard]] bool has_spare_memory() const noexcept override;

  [[nodiscard]] int socket_flags() const noexcept override { return 0; }
  [[nodiscard]] Backend backend() const noexcept override { return Backend::io_uring; }

  [[nodiscard]] const BufferRing& buffers() const noexcept { return buffers_; }

 private:
  using Completion = Ring::Completion;

  /// Stands in the pool's queue. That it is told need not be noted: each poll with somebody starved
  /// looks.
  class SlabWait final : public PoolWaiter {
   public:
    void on_slab_available() noexcept override {}
  };

  /// Enters in one poll beyond the first, to collect what the kernel still has.
  static constexpr int rounds_max = 16;

  // The loop: uring_reactor.cpp
  void enter(const Ring::Enter& how) noexcept;
  [[nodiscard]] bool enter_once(Clock::time_point deadline) noexcept;
  [[nodiscard]] bool may_wait() const noexcept;
  void collect() noexcept;
  void dispatch(const Completion& completion) noexcept;
  void deliver(Operation& operation, const Completion& completion) noexcept;

  // From start to the end: uring_lifecycle.cpp
  void begin(Operation& operation) noexcept;
  void submit(Operation& operation) noexcept;
  void submit_backlog() noexcept;
  [[nodiscard]] io_uring_sqe* next_entry(unsigned keep_free) noexcept;
  [[nodiscard]] io_uring_sqe* entry_for(const Operation& operation) noexcept;
  void prepare(Operation& operation, io_uring_sqe& entry) noexcept;
  void last_completion(Operation& operation, int result) noexcept;
  void conclude(Operation& operation, int result) noexcept;
  void conclude_connect(ConnectOperation& operation, int result) noexcept;
  void finish(Operation& operation, int result) noexcept;

  // Cancelling: uring_cancel.cpp
  void request_cancel(Operation& operation) noexcept;
  void cancel_answered(Operation& operation, int result) noexcept;
  void submit_cancels() noexcept;
  void prepare_cancel(Operation& operation, io_uring_sqe& entry) noexcept;

  // uring_accept.cpp
  void prepare_accept(AcceptSource& source, io_uring_sqe& entry) noexcept;
  void deliver_accept(AcceptSource& source, const Completion& completion) noexcept;
  void conclude_accept(AcceptSource& source, int result) noexcept;

  // uring_receive.cpp
  void prepare_receive(ReceiveSource& source, io_uring_sqe& entry) noexcept;
  void deliver_receive(ReceiveSource& source, const Completion& completion) noexcept;
  void conclude_receive(ReceiveSource& source, int result) noexcept;
  void end_receive(ReceiveSource& source, ReceiveSource::End end, int result) noexcept;

  // Want of memory: uring_starvation.cpp
  void starve(ReceiveSource& source) noexcept;
  void unstarve(ReceiveSource& source) noexcept;
  void resume_starved() noexcept;
  [[nodiscard]] bool find_memory() noexcept;

  // uring_datagrams.cpp
  void deliver_datagrams(DatagramSource& source, const Completion& completion) noexcept;
  [[nodiscard]] DatagramReceiver::Turn receive_datagrams(DatagramSource& source) noexcept;
  void serve_datagrams(DatagramSource& source, bool armed) noexcept;
  void serve_waiting_datagrams() noexcept;
  void unlist_datagrams(DatagramSource& source) noexcept;
  void conclude_datagrams(DatagramSource& source, int result) noexcept;
  void end_datagrams(DatagramSource& source, DatagramSource::End end, int result) noexcept;
  void conclude_datagram_send(DatagramSendOperation& operation, int result) noexcept;
  void go_on_sending(DatagramSendOperation& operation, DatagramSender::State state) noexcept;
  void serve_unsent() noexcept;
  [[nodiscard]] bool may_leave_datagrams() const noexcept {
    return unread_.empty() && unsent_.empty() &&
           (starved_datagrams_.empty() || datagram_wait_.is_waiting());
  }

  // uring_lone_datagrams.cpp
  /// One that the kernel has received for a source when there was no memory for it.
  struct Parked {
    DatagramSource* source;
    ArrivedDatagram datagram;
    std::uint16_t buffer_id;
  };
  [[nodiscard]] bool may_receive_lone(const DatagramSource& source) noexcept;
  void prepare_datagrams(DatagramSource& source, io_uring_sqe& entry) noexcept;
  void deliver_lone(DatagramSource& source, const Completion& completion) noexcept;
  void fail_lone(DatagramSource& source, int result) noexcept;
  [[nodiscard]] bool has_parked(const DatagramSource& source) const noexcept;
  [[nodiscard]] bool deliver_parked(DatagramSource& source) noexcept;
  void serve_parked() noexcept;
  void discard_parked(const DatagramSource& source) noexcept;
  void drop_parked(const Descriptor& descriptor) noexcept;

  // uring_send.cpp
  [[nodiscard]] bool goes_by_call(const SendOperation& operation, std::size_t batch) noexcept;
  [[nodiscard]] bool send_direct(SendOperation& operation) noexcept;
  void prepare_send(SendOperation& operation, io_uring_sqe& entry) noexcept;
  void conclude_send(SendOperation& operation, int result) noexcept;
  void unlist_instant(SendOperation& operation) noexcept;
  void settle_sends() noexcept;
  [[nodiscard]] bool may_settle_later() const noexcept;
  void end_stretch_of_sends() noexcept;

  const UringOptions uring_;
  Ring ring_;
  BufferRing buffers_;
  WakePoll wake_poll_;
  Runnable* alarm_ = nullptr;
  __kernel_timespec alarm_time_{};  ///< read by the kernel when the entry is submitted
  unsigned cancel_margin_ = 0;      ///< entries of the submission queue that only cancels may use
  OperationList backlog_;
  OperationList cancels_;  ///< whose cancel found no entry: the operations are with the kernel
  OperationList starved_;
  OperationList instant_sends_;  ///< queued; done when submitted unless a completion says otherwise
  std::size_t instant_bytes_ = 0;  ///< of those
  std::size_t receives_armed_ = 0;
  SlabWait slab_wait_;
  DatagramIo datagrams_;
  OperationList unread_;  ///< datagram sources; armed like those that starve for memory
  OperationList unsent_;  ///< datagram sends: not with the kernel, they go on in the next turn
  OperationList starved_datagrams_;
  SlabWait datagram_wait_;
  DatagramBufferRing lone_buffers_;
  std::size_t lone_armed_ = 0;  ///< sources with the kernel for it
  std::vector<Parked> parked_;  ///< in the order of their arrival; at most one a buffer
  SlabWait parked_wait_;
  SendScratch scratch_;
  const ManySends many_sends_;
  Trial calls_instead_of_ring_;  ///< for the sends of a turn with many
  bool is_stretch_of_sends_over_ = false;
};

}  // namespace weir::reactor
