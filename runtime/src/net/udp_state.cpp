#include "net/udp_state.h"

#include <cerrno>
#include <utility>

#include "reactor/datagram/error_queue.h"

namespace weir::detail {

UdpState::UdpState(int open_fd, const UdpOptions& options) noexcept
    : DatagramDescriptor(open_fd), source_(*this), send_(*this), queue_(source_, options) {
  reports_errors_ = options.errors == Switch::on;
  has_error_queue = options.errors == Switch::on || options.send_timestamps == Switch::on;
  has_send_timestamps = options.send_timestamps == Switch::on;
  shard().observe_drain(*this);
  if (queue_.overflow() != OverflowPolicy::pause) start_source();
}

UdpState::~UdpState() = default;

bool UdpState::is_ready(UdpWait& wait) noexcept {
  if (closing_) {
    wait.error_ = Error::closed;
  } else if (waiter(wait.what_) != nullptr) {
    wait.error_ = Error::busy;
  } else if (wait.what_ == UdpWait::For::datagrams) {
    if (!queue_.empty()) return true;
    if (receive_error_) {
      wait.error_ = std::exchange(receive_error_, {});
      return true;
    }
    return drained_;
  } else if (wait.what_ == UdpWait::For::error) {
    if (!errors.empty()) return true;
    if (!reports_errors_) wait.error_ = Error::unsupported;
  } else {
    if (!send_timestamps.empty()) return true;
    if (!has_send_timestamps) wait.error_ = Error::unsupported;
  }
  if (!wait.error_ && drains_) wait.error_ = Error::shutting_down;
  return static_cast<bool>(wait.error_);
}

void UdpState::begin_wait(UdpWait& wait) noexcept {
  waiter(wait.what_) = &wait;
  start_source();
}

void UdpState::cancel_wait(UdpWait& wait, std::error_code reason) noexcept {
  waiter(wait.what_) = nullptr;
  wait.resume_with(reason);
}

void UdpState::start_source() noexcept {
  if (source_.in_flight() || source_.queued() || closing_ || drained_) return;
  source_.until_drained = drains_;
  reactor().start(source_);
}

/// Not while the queue is full, of which the source would tell at once, and so without end.
void UdpState::go_on_unasked() noexcept {
  if (goes_on_unasked() && !source_.is_full()) start_source();
}

void UdpState::on_receive() noexcept {
  if (closing_) {
    delete_if_idle();
    return;
  }
  queue_.apply_overflow_policy();
  if (!source_.in_flight()) on_source_end();
  serve_waiters();
}

void UdpState::on_source_end() noexcept {
  using End = reactor::DatagramSource::End;
  const bool failed = source_.end == End::failed;
  if (failed) receive_error_ = from_errno(-source_.result);
  if (drains_) {
    if (source_.until_drained && source_.end == End::stopped) {
      drained_ = true;
    } else if (source_.end != End::full || !source_.is_full()) {
      start_source();
    }
    return;  // full: on when the queue has been taken
  }
  // A failure that is no ICMP error may last: then the next who waits tries again.
  // So may EACCES, which a policy of the system means as well.
  const bool is_of_network = is_connected && reactor::is_about_an_earlier_one(-source_.result) &&
                             (has_error_queue || source_.result != -EACCES);
  if (!failed || is_of_network) go_on_unasked();
}

/// What the reactor has put into the lists, to who waits for it.
void UdpState::deliver_reports() noexcept {
  if (UdpWait* wait = waiter(UdpWait::For::error); wait != nullptr && !errors.empty()) {
    waiter(UdpWait::For::error) = nullptr;
    static_cast<UdpNextError*>(wait)->deliver(*errors.take());
  }
  if (UdpWait* wait = waiter(UdpWait::For::send_timestamp);
      wait != nullptr && !send_timestamps.empty()) {
    waiter(UdpWait::For::send_timestamp) = nullptr;
    static_cast<UdpNextSendTimestamp*>(wait)->deliver(*send_timestamps.take());
  }
}

/// The receiver last, and as the last thing: it may close the socket.
void UdpState::serve_waiters() noexcept {
  deliver_reports();
  if (drains_) {
    for (const auto what : {UdpWait::For::error, UdpWait::For::send_timestamp}) {
      if (UdpWait* const wait = std::exchange(waiter(what), nullptr)) {
        wait->resume_with(Error::shutting_down);
      }
    }
  }
  UdpWait*& receiver = waiter(UdpWait::For::datagrams);
  const bool anyone = receiver != nullptr || waiter(UdpWait::For::error) != nullptr ||
                      waiter(UdpWait::For::send_timestamp) != nullptr;
  if (receiver == nullptr || !(!queue_.empty() || receive_error_ || drained_)) {
    // A source that failed or was full goes on while somebody waits.
    if (anyone && !source_.is_full()) start_source();
    return;
  }
  UdpWait& wait = *std::exchange(receiver, nullptr);
  if (queue_.empty()) wait.error_ = std::exchange(receive_error_, {});
  wait.resume_now();
}

void UdpState::on_drain() noexcept {
  drains_ = true;
  if (source_.in_flight()) {
    reactor().cancel(source_);  // its end leads to on_receive
  } else {
    start_source();
  }
}

DatagramBatch UdpState::take_batch() noexcept {
  DatagramBatch batch = queue_.take_all();
  go_on_unasked();
  return batch;
}

Result<DatagramTrain> UdpState::take_one() noexcept {
  if (queue_.empty()) return fail(Error::shutting_down);
  DatagramTrain one = queue_.take_one();
  go_on_unasked();
  return one;
}

bool UdpState::start_send(UdpSendWait& send) noexcept {
  if (closing_) {
    send.outcome_.refused = Error::closed;
    return true;
  }
  if (first_send_ != nullptr) return false;  // in its turn
  send_.prepare(send.datagrams_);
  const bool is_done = reactor().start(send_);
  deliver_reports();
  if (is_done) send.outcome_ = send_.outcome;
  if (!is_done) first_send_ = last_send_ = &send;
  return is_done;
}

void UdpState::wait_to_send(UdpSendWait& send) noexcept {
  if (first_send_ == &send) return;  // in flight
  send.next_ = nullptr;
  (first_send_ == nullptr ? first_send_ : last_send_->next_) = &send;
  last_send_ = &send;
}

void UdpState::cancel_send(UdpSendWait& send, std::error_code reason) noexcept {
  if (first_send_ == &send) {
    send.outcome_.refused = reason;  // replaced if it was done all the same
    if (send_.in_flight()) reactor().cancel(send_);
    return;
  }
  UdpSendWait* before = first_send_;
  while (before->next_ != &send) before = before->next_;
  before->next_ = send.next_;
  if (last_send_ == &send) last_send_ = before;
  send.outcome_.refused = reason;
  send.resume_soon();
}

void UdpState::on_sent() noexcept {
  UdpSendWait& done = *first_send_;
  first_send_ = done.next_;
  if (first_send_ == nullptr) last_send_ = nullptr;
  const std::error_code reason = done.outcome_.refused;
  done.outcome_ = send_.outcome;
  if (send_.result == -ECANCELED) done.outcome_.refused = reason;
  done.resume_soon();
  deliver_reports();
  if (closing_) {
    delete_if_idle();
  } else {
    start_next_send();
  }
}

void UdpState::start_next_send() noexcept {
  while (first_send_ != nullptr) {
    UdpSendWait& next = *first_send_;
    send_.prepare(next.datagrams_);
    const bool is_done = reactor().start(send_);
    deliver_reports();
    if (!is_done) return;
    next.outcome_ = send_.outcome;
    first_send_ = next.next_;
    if (first_send_ == nullptr) last_send_ = nullptr;
    next.resume_soon();
  }
}

SendOutcome UdpState::try_send(std::span<const OutgoingDatagram> datagrams) noexcept {
  SendOutcome refused;
  if (first_send_ != nullptr) {
    refused.refused = from_errno(EAGAIN);
    return refused;
  }
  send_.prepare(datagrams);
  const bool is_done = reactor().try_start(send_);
  deliver_reports();
  if (is_done) return send_.outcome;
  send_.outcome.refused = from_errno(EAGAIN);
  return send_.outcome;
}

void UdpState::fail_waiters(std::error_code error) noexcept {
  for (UdpWait*& wait : waiters_) {
    if (wait != nullptr) std::exchange(wait, nullptr)->resume_with(error);
  }
  UdpSendWait* waiting = sending() && first_send_ != nullptr ? first_send_->next_ : first_send_;
  while (waiting != nullptr) {
    UdpSendWait& send = *std::exchange(waiting, waiting->next_);
    send.outcome_.refused = error;
    send.resume_soon();
  }
  if (sending()) {
    first_send_->next_ = nullptr;
    last_send_ = first_send_;
    first_send_->outcome_.refused = error;
  } else {
    first_send_ = last_send_ = nullptr;
  }
}

void UdpState::close() noexcept {
  WEIR_ASSERT(!closing_);
  closing_ = true;
  ++shard().lingering_sockets;
  shard().ignore_drain(*this);
  fail_waiters(Error::closed);
  queue_.clear();
  if (source_.in_flight()) reactor().cancel(source_);
  if (send_.in_flight()) reactor().cancel(send_);
  delete_if_idle();
}

void UdpState::delete_if_idle() noexcept {
  if (source_.in_flight() || source_.queued() || sending()) return;
  reactor().close_now(*this);
  --shard().lingering_sockets;
  delete this;
}

}  // namespace weir::detail
