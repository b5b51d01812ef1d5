// What is behind a UdpSocket: the descriptor, its datagram source, its sends in turn, and who
// waits.
//
// Like a stream's state it outlives its handle: it deletes itself when it has been closed and the
// last operation on it has completed.
//
//     receiving --drain--> emptying (takes what has arrived) --> drained (empty batches)
//         \------------------------- close ------------------------/--> closing --> gone
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "net/datagram_queue.h"
#include "reactor/datagram/datagram_operation.h"
#include "reactor/reactor.h"
#include "weir/core/shard.h"
#include "weir/net/udp_socket.h"

namespace weir::detail {

class UdpState final : public reactor::DatagramDescriptor, private DrainObserver {
 public:
  /// Takes over an open datagram socket. The caller owns the state and closes it.
  UdpState(int open_fd, const UdpOptions& options) noexcept;
  UdpState(const UdpState&) = delete;
  UdpState& operator=(const UdpState&) = delete;

  /// \name Receiving
  /// @{
  /// True if the wait need not begin: its result can be taken, or its error is set.
  [[nodiscard]] bool is_ready(UdpWait& wait) noexcept;
  void begin_wait(UdpWait& wait) noexcept;
  void cancel_wait(UdpWait& wait, std::error_code reason) noexcept;
  [[nodiscard]] DatagramBatch take_batch() noexcept;
  /// Precondition: something has arrived. Else the train is of the drain: `Error::shutting_down`.
  [[nodiscard]] Result<DatagramTrain> take_one() noexcept;
  /// @}

  /// \name Sending
  /// @{
  /// True if it is done: `outcome_` is set.
  [[nodiscard]] bool start_send(UdpSendWait& send) noexcept;
  void wait_to_send(UdpSendWait& send) noexcept;
  void cancel_send(UdpSendWait& send, std::error_code reason) noexcept;
  [[nodiscard]] SendOutcome try_send(std::span<const OutgoingDatagram> datagrams) noexcept;
  /// @}

  /// What the options, or a call since, asked of SO_RCVBUF and SO_SNDBUF. 0: nothing.
  std::size_t receive_buffer_asked = 0;
  std::size_t send_buffer_asked = 0;

  /// Everything that waits ends with `Error::closed`. Deletes the state, now or later.
  void close() noexcept;

 private:
  [[nodiscard]] static UdpState& owner_of(const reactor::Operation& operation) noexcept {
    return static_cast<UdpState&>(operation.descriptor());
  }
  class Source final : public reactor::DatagramSource {
   public:
    using DatagramSource::DatagramSource;
    void run() noexcept override { owner_of(*this).on_receive(); }
  };
  class Send final : public reactor::DatagramSendOperation {
   public:
    using DatagramSendOperation::DatagramSendOperation;
    void run() noexcept override { owner_of(*this).on_sent(); }
  };

  ~UdpState();

  [[nodiscard]] static Shard& shard() noexcept { return Shard::current(); }
  [[nodiscard]] static reactor::Reactor& reactor() noexcept { return shard().reactor(); }
  [[nodiscard]] UdpWait*& waiter(UdpWait::For what) noexcept {
    return waiters_[static_cast<std::size_t>(what)];
  }
  /// Receives although no receive waits.
  [[nodiscard]] bool goes_on_unasked() const noexcept {
    return drains_ || queue_.overflow() != OverflowPolicy::pause ||
           waiters_[static_cast<std::size_t>(UdpWait::For::error)] != nullptr ||
           waiters_[static_cast<std::size_t>(UdpWait::For::send_timestamp)] != nullptr;
  }
  [[nodiscard]] bool sending() const noexcept { return send_.in_flight() || send_.queued(); }

  void on_drain() noexcept override;
  void on_receive() noexcept;
  void start_source() noexcept;
  void go_on_unasked() noexcept;
  void on_source_end() noexcept;
  void deliver_reports() noexcept;
  void serve_waiters() noexcept;
  void fail_waiters(std::error_code error) noexcept;

  void on_sent() noexcept;
  void start_next_send() noexcept;
  void delete_if_idle() noexcept;

  Source source_;
  Send send_;
  DatagramQueue queue_;
  bool reports_errors_ = false;
  bool drains_ = false;
  bool drained_ = false;
  bool closing_ = false;
  std::error_code receive_error_;  ///< of a connected socket, not told yet
  std::array<UdpWait*, 3> waiters_{};
  UdpSendWait* first_send_ = nullptr;  ///< the one in flight, and those that wait for their turn
  UdpSendWait* last_send_ = nullptr;
};

}  // namespace weir::detail
