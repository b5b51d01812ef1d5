// The reactor on epoll: edge-triggered readiness, and the operations carried out when it comes.
//
//     start   send: tries at once. connect: begins. The rest: registers the descriptor when it is
//             first needed and waits for the edge; what is known to be readable is queued
//     poll    resume the starved (memory came back) -> wait -> serve each event -> serve the queue
//
// A stream descriptor is registered once, for both directions. An edge says "try": `readable` and
// `writable` remember it until a try finds the socket drained or full, so that no system call is
// made without a reason to believe in it. A read that got less than it asked for has drained the
// socket.
//
// Fairness: a descriptor is served once a poll, up to a budget; one with more to give goes to the
// end of the queue, and poll does not block while somebody is in it.
//
// Memory: a source that finds the pool spent, after compaction, joins the starved, and goes on in
// its turn when the pool tells that memory came back: no timer, no polling.
//
// What stands between the loop and a receive or a send is in line as far as it goes: the kernel
// leaves nothing of use in the processor's return stack, so each return on the way back from a
// system call is mispredicted: 4 to 14 ns a level (docs/design/0010).
//
// One file an operation: epoll_accept.cpp, epoll_connect.cpp, ...
#pragma once

#include <sys/types.h>
#include <sys/uio.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "reactor/datagram/datagram_io.h"
#include "reactor/epoll/descriptor_queue.h"
#include "reactor/epoll/epoll_set.h"
#include "reactor/epoll/poll_set.h"
#include "reactor/epoll/receive_window.h"
#include "reactor/epoll/wake_event.h"
#include "reactor/reactor.h"
#include "weir/base/pool_waiter.h"

namespace weir::reactor {

/// Ends the shard's sleep when memory comes back: each poll with starved sources looks for itself.
class SlabWait final : public PoolWaiter {
 public:
  void on_slab_available() noexcept override {}
};

class EpollReactor final : public Reactor {
 public:
  /// What one descriptor may read in one poll before the others have their turn. About 30 us of
  /// copying, and as much as fits into the second-level cache together with its surroundings.
  static constexpr std::size_t receive_budget_bytes = std::size_t{256} << 10;
  /// Connections that one listener may accept in one poll.
  static constexpr int accept_budget = 64;

  EpollReactor(const ReactorOptions& options, EpollSet set, OwnedFd wake_event,
               OwnedFd alarm_clock) noexcept;
  ~EpollReactor() override;

  /// The last step of making one. \returns 0 or the errno
  [[nodiscard]] int watch_own_events() noexcept;

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
  void wake() noexcept override { wake_event_.notify(); }
  [[nodiscard]] bool set_alarm(Clock::time_point when, Runnable& alarm) noexcept override;
  void trim() noexcept override;
  [[nodiscard]] bool has_spare_memory() const noexcept override {
    return datagrams_.has_spare_memory();
  }

  [[nodiscard]] int socket_flags() const noexcept override;
  [[nodiscard]] Backend backend() const noexcept override { return Backend::epoll; }

  /// For tests: as on a kernel without epoll_pwait2.
  void use_milliseconds() noexcept { set_.use_milliseconds(); }

 private:
  /// Rounds of waiting in one poll while the event array comes back full.
  static constexpr int rounds_max = 8;
  /// Reads into the caller's memory that one turn may do inside `start`: saves the poll in between,
  /// and is bounded because a loop of them would otherwise keep the shard from looking at anybody
  /// else.
  static constexpr int direct_receives_max = 16;

  // The loop: epoll_reactor.cpp.
  void dispatch(std::span<const epoll_event> events) noexcept;
  [[gnu::always_inline]] inline void dispatch(Descriptor& descriptor,
                                              std::uint32_t events) noexcept;
  void serve_reader(Descriptor& descriptor) noexcept;
  void serve_writer(Descriptor& descriptor) noexcept;

  // Registration: epoll_watch.cpp.
  [[nodiscard]] int watch(Descriptor& descriptor) noexcept;
  void unwatch(Descriptor& descriptor) noexcept;
  [[nodiscard]] int begin_reading(Operation& operation) noexcept;
  void finish_reader(Operation& operation, int result) noexcept;
  void finish_writer(Operation& operation, int result) noexcept;

  // epoll_receive.cpp
  enum class Received : std::uint8_t { more, drained, starved, ended };
  void serve_receive(Descriptor& descriptor, ReceiveSource& source) noexcept;
  [[nodiscard, gnu::always_inline]] inline Received receive_once(Descriptor& descriptor,
                                                                 ReceiveSource& source,
                                                                 std::size_t bytes_max) noexcept;
  void finish_receive(ReceiveSource& source, ReceiveSource::End end, int result) noexcept;

  // epoll_datagrams.cpp
  [[nodiscard]] int watch_datagrams(DatagramDescriptor& socket, std::uint32_t events) noexcept;
  void stop_waiting_for_room(DatagramDescriptor& socket) noexcept;
  void serve_datagrams(DatagramSource& source) noexcept;
  void serve_datagram_send(DatagramSendOperation& operation) noexcept;
  [[nodiscard]] bool go_on_sending(DatagramSendOperation& operation) noexcept;
  void serve_unsent() noexcept;
  void cancel_datagram_send(DatagramSendOperation& operation) noexcept;
  void finish_datagrams(DatagramSource& source, DatagramSource::End end, int result) noexcept;

  // Want of memory: epoll_starvation.cpp
  void starve(Operation& source) noexcept;
  void unstarve(Operation& source) noexcept;
  [[nodiscard]] bool has_memory_for(const Operation& source) const noexcept;
  [[nodiscard]] static bool is_starved(const Operation& operation) noexcept;
  [[nodiscard]] bool compact_once() noexcept;
  void resume_starved() noexcept;

  /// What a read brought.
  struct Read {
    ssize_t bytes;  ///< as recv(2), or -errno
    bool filled;    ///< all that was asked for
    bool drained;   ///< nothing is left to read for now
  };
  [[nodiscard, gnu::always_inline]] inline Read read(Descriptor& descriptor,
                                                     std::span<iovec> pieces) noexcept;
  void serve_receive_into(Descriptor& descriptor, ReceiveIntoOperation& operation) noexcept;
  void serve_accept(Descriptor& descriptor, AcceptSource& source) noexcept;

  [[nodiscard, gnu::always_inline]] inline int send_front(SendOperation& operation) noexcept;
  void serve_send(Descriptor& descriptor, SendOperation& operation) noexcept;

  // epoll_connect.cpp
  void begin_connect(ConnectOperation& operation) noexcept;
  void end_connect(ConnectOperation& operation) noexcept;
  [[nodiscard]] int call_connect(const ConnectOperation& operation) noexcept;
  void wait_for_backlog(ConnectOperation& operation) noexcept;
  void cancel_connect(ConnectOperation& operation) noexcept;
  void retry_connects() noexcept;

  void harvest_polls() noexcept;

  EpollSet set_;
  WakeEvent wake_event_;
  OwnedFd alarm_clock_;  ///< a timerfd, edge-triggered like the wake event: never read
  Runnable* alarm_ = nullptr;
  PollSet polls_;
  ReceiveWindow window_;
  DatagramIo datagrams_;
  DescriptorQueue pending_;
  OperationList unsent_;  ///< datagram sends that go on in the next turn
  OperationList starved_;
  SlabWait slab_wait_;
  bool compacted_ = false;  ///< in this poll
  int direct_receives_left_ = direct_receives_max;

  /// Connects that wait for room in the backlog of a Unix listener, and when they try again.
  OperationList crowded_connects_;
  Clock::time_point connect_retry_at_{};
  Clock::duration connect_retry_delay_{};

  std::array<epoll_event, EpollSet::events_max> events_;
};

}  // namespace weir::reactor
