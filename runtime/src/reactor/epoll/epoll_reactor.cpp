#include "reactor/epoll/epoll_reactor.h"

#include <sys/socket.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "weir/base/assert.h"

namespace weir::reactor {

Result<std::unique_ptr<Reactor>> make_epoll_reactor(const ReactorOptions& options) {
  auto set = EpollSet::open();
  if (!set) return fail(set.error());
  auto wake_event = WakeEvent::open();
  if (!wake_event) return fail(wake_event.error());
  OwnedFd alarm_clock(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!alarm_clock.valid()) return fail_errno(errno);
  auto reactor = std::make_unique<EpollReactor>(options, std::move(*set), std::move(*wake_event),
                                                std::move(alarm_clock));
  if (const int error = reactor->watch_own_events()) return fail_errno(error);
  return reactor;
}

EpollReactor::EpollReactor(const ReactorOptions& options, EpollSet set, OwnedFd wake_event,
                           OwnedFd alarm_clock) noexcept
    : Reactor(options),
      set_(std::move(set)),
      wake_event_(std::move(wake_event)),
      alarm_clock_(std::move(alarm_clock)),
      window_(*options.pool),
      datagrams_(*options.pool) {}

EpollReactor::~EpollReactor() {
  WEIR_ASSERT(starved_.empty() && pending_.empty() && crowded_connects_.empty());
  WEIR_ASSERT(unsent_.empty());
}

int EpollReactor::watch_own_events() noexcept {
  if (const int error = set_.add(wake_event_.fd(), EPOLLIN | EPOLLET, {.ptr = &wake_event_})) {
    return error;
  }
  return set_.add(alarm_clock_.get(), EPOLLIN | EPOLLET, {.ptr = &alarm_clock_});
}

bool EpollReactor::set_alarm(Clock::time_point when, Runnable& alarm) noexcept {
  WEIR_ASSERT(alarm_ == nullptr);
  const auto time = when.time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  itimerspec setting{};
  setting.it_value = {.tv_sec = seconds.count(), .tv_nsec = (time - seconds).count()};
  ++stats_.system_calls;
  // Absolute: one in the past goes off at once.
  const int result = ::timerfd_settime(alarm_clock_.get(), TFD_TIMER_ABSTIME, &setting, nullptr);
  WEIR_ASSERT(result == 0);
  alarm_ = &alarm;
  return true;
}

void EpollReactor::trim() noexcept {
  window_.trim();
  datagrams_.trim();
}

int EpollReactor::socket_flags() const noexcept { return SOCK_NONBLOCK; }

void EpollReactor::poll(Clock::time_point deadline) noexcept {
  ++stats_.polls;
  direct_receives_left_ = direct_receives_max;
  compacted_ = false;
  datagrams_.begin_turn();
  // Whoever joins the queue in this poll has had its turn and is served in the next one.
  const std::size_t pending_before = pending_.size();
  if (!starved_.empty()) resume_starved();
  if (!unsent_.empty()) serve_unsent();

  const bool busy = !ready_.empty() || !pending_.empty() || !unsent_.empty();
  if (busy) deadline = {};
  if (!crowded_connects_.empty()) deadline = std::min(deadline, connect_retry_at_);
  auto events = set_.wait(deadline, events_, stats_.system_calls);
  dispatch(events);
  for (int round = 1; events.size() == EpollSet::events_max && round < rounds_max; ++round) {
    events = set_.wait({}, events_, stats_.system_calls);
    dispatch(events);
  }

  for (std::size_t count = pending_before; count > 0; --count) serve_reader(pending_.pop_front());
  if (!crowded_connects_.empty()) retry_connects();
}

inline void EpollReactor::dispatch(Descriptor& descriptor, std::uint32_t events) noexcept {
  // Urgent data ends a read early, and so hides that there is more: as after a hang-up, read on.
  constexpr std::uint32_t end = EPOLLRDHUP | EPOLLHUP | EPOLLERR | EPOLLPRI;
  constexpr std::uint32_t broken = EPOLLHUP | EPOLLERR;
  if ((events & end) != 0) descriptor.hang_up = true;
  if ((events & (EPOLLIN | end)) != 0) descriptor.readable = true;
  if ((events & (EPOLLOUT | broken)) != 0) descriptor.writable = true;

  // The reader first: the socket tells of a reset once, and whoever comes later hears of an end of
  // the stream or of a broken pipe. Only to the writer is that a failure all the same.
  // A reader that is in the queue already is served from there, once.
  if (descriptor.reading != nullptr && descriptor.readable && !descriptor.pending) {
    serve_reader(descriptor);
  }
  if (descriptor.writing != nullptr && descriptor.writable) serve_writer(descriptor);
}

void EpollReactor::dispatch(std::span<const epoll_event> events) noexcept {
  for (const epoll_event& event : events) {
    if (event.data.ptr == &wake_event_) {
      wake_event_.acknowledge();
      ++stats_.wakes;
    } else if (event.data.ptr == &alarm_clock_) {
      if (alarm_ != nullptr) ready_.push(*std::exchange(alarm_, nullptr));
    } else if (event.data.ptr == polls_.tag()) {
      harvest_polls();
    } else {
      dispatch(*static_cast<Descriptor*>(event.data.ptr), event.events);
    }
  }
}

void EpollReactor::serve_reader(Descriptor& descriptor) noexcept {
  Operation& reader = *descriptor.reading;
  switch (reader.kind()) {
    case OperationKind::receive:
      if (!is_starved(reader)) serve_receive(descriptor, static_cast<ReceiveSource&>(reader));
      return;
    case OperationKind::receive_into:
      return serve_receive_into(descriptor, static_cast<ReceiveIntoOperation&>(reader));
    case OperationKind::accept:
      return serve_accept(descriptor, static_cast<AcceptSource&>(reader));
    case OperationKind::receive_datagrams:
      if (!is_starved(reader)) serve_datagrams(static_cast<DatagramSource&>(reader));
      return;
    case OperationKind::connect:
    case OperationKind::send:
    case OperationKind::send_datagrams:
    case OperationKind::poll_fd:
    case OperationKind::close:
      break;
  }
  WEIR_UNREACHABLE();
}

void EpollReactor::serve_writer(Descriptor& descriptor) noexcept {
  Operation& writer = *descriptor.writing;
  if (writer.kind() == OperationKind::connect) {
    end_connect(static_cast<ConnectOperation&>(writer));
  } else if (writer.kind() == OperationKind::send_datagrams) {
    serve_datagram_send(static_cast<DatagramSendOperation&>(writer));
  } else {
    serve_send(descriptor, static_cast<SendOperation&>(writer));
  }
}

/// Completes at once, on the reactor's behalf: the kernel holds on to nothing.
void EpollReactor::cancel(Operation& operation) noexcept {
  if (!operation.in_flight()) return;
  switch (operation.kind()) {
    case OperationKind::receive:
      return finish_receive(static_cast<ReceiveSource&>(operation), ReceiveSource::End::stopped, 0);
    case OperationKind::accept:
      return finish_reader(operation, 0);
    case OperationKind::receive_into:
      return finish_reader(operation, -ECANCELED);
    case OperationKind::receive_datagrams:
      return finish_datagrams(static_cast<DatagramSource&>(operation), DatagramSource::End::stopped,
                              0);
    case OperationKind::send_datagrams:
      return cancel_datagram_send(static_cast<DatagramSendOperation&>(operation));
    case OperationKind::send:
      return finish_writer(operation, -ECANCELED);
    case OperationKind::connect:
      return cancel_connect(static_cast<ConnectOperation&>(operation));
    case OperationKind::poll_fd:
      polls_.remove(static_cast<PollOperation&>(operation), stats_.system_calls);
      return complete(operation, -ECANCELED);
    case OperationKind::close:
      break;  // completes where it starts
  }
  WEIR_UNREACHABLE();
}

}  // namespace weir::reactor
