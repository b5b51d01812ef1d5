// The end of a stream: flush, FIN, linger, close; or reset.

#include <sys/socket.h>

#include <cerrno>

#include "net/stream_state.h"

namespace weir::detail {

void StreamState::close() noexcept {
  if (!open()) return;
  phase_ = Phase::flushing;
  send_.awaited = true;
  ++shard().lingering_sockets;
  stop_receiving();
  continue_close();  // the handle's reference keeps the stream
  if (!closed()) shard().timers().arm(*this, deadline_after(Clock::now(), close_timeout_));
}

void StreamState::abort() noexcept {
  if (phase_ == Phase::closed || phase_ == Phase::resetting) return;
  if (open()) {
    ++shard().lingering_sockets;
    stop_receiving();
  }
  reset();
}

/// The reader, if one waits, ends with `Error::closed`; the inbox is dropped.
void StreamState::stop_receiving() noexcept {
  if (receiving_into()) {
    reactor().cancel(*receive_into_);  // its completion resumes the reader
  } else if (reader_ != nullptr) {
    reader_->error_ = Error::closed;
    std::exchange(reader_, nullptr)->resume_soon();
  }
  receive_.inbox.clear();
  if (is_held()) shard().pool().remove_holder(*this);
}

bool StreamState::anything_in_flight() const noexcept {
  return receive_.in_flight() || sending() || receiving_into();
}

/// One step of the way to the closed descriptor. May delete the stream: the last thing a callback
/// does.
void StreamState::continue_close() noexcept {
  if (phase_ == Phase::flushing) {
    if (send_errno_ != 0) {
      reset();
      return;
    }
    if (!out_queue_.empty() || sending()) return;
    linger();
    return;
  }
  if (phase_ == Phase::lingering) {
    if (receiving_into()) return;
    if (receive_.finished()) {
      close_descriptor();
    } else if (!receive_.in_flight()) {
      reactor().start(receive_);
    }
    return;
  }
  if (phase_ == Phase::closed) {
    delete_if_unused();
  } else if (!anything_in_flight()) {
    close_descriptor();
  }
}

/// All bytes are with the kernel. If the peer has finished too there is nothing to wait for.
void StreamState::linger() noexcept {
  phase_ = Phase::lingering;
  if (!receive_.finished()) {
    (void)send_fin();  // ENOTCONN: reset meanwhile; the receive source will tell
  }
  continue_close();
}

/// Also the end of the wait for a peer that does not answer.
void StreamState::reset() noexcept {
  if (phase_ != Phase::lingering) {
    const ::linger none{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
  }
  phase_ = Phase::resetting;
  if (receive_.in_flight()) reactor().cancel(receive_);
  if (send_.in_flight()) reactor().cancel(send_);
  continue_close();
}

void StreamState::on_due() noexcept {
  if (phase_ == Phase::flushing && send_errno_ == 0) send_errno_ = ETIMEDOUT;
  reset();
}

void StreamState::close_descriptor() noexcept {
  phase_ = Phase::closed;
  --shard().lingering_sockets;
  shard().timers().cancel(*this);
  shard().unmark_turn_end(*this);
  if (is_held()) shard().pool().remove_holder(*this);
  receive_.inbox.clear();
  drop_writes(send_errno_ != 0 ? from_errno(send_errno_) : std::error_code(Error::closed));
  reactor().close_now(*this);
  add_reference();  // an observer may release the last one
  while (first_observer_ != nullptr) {
    CloseObserver& observer = *first_observer_;
    first_observer_ = observer.next_;
    observer.on_closed();
  }
  release();
}

std::error_code StreamState::last_send_error() const noexcept {
  return send_errno_ == 0 ? std::error_code() : from_errno(send_errno_);
}

void StreamState::observe_close(CloseObserver& observer) noexcept {
  WEIR_ASSERT(!closed());
  observer.next_ = first_observer_;
  first_observer_ = &observer;
}

void StreamState::release() noexcept {
  WEIR_ASSERT(references_ > 0);
  --references_;
  delete_if_unused();
}

void StreamState::delete_if_unused() noexcept {
  const bool into_queued = receive_into_ != nullptr && receive_into_->queued();
  if (references_ == 0 && closed() && !receive_.queued() && !send_.queued() && !into_queued) {
    delete this;
  }
}

StreamClose::StreamClose(StreamState* stream) noexcept : stream_(stream) {}

StreamClose::StreamClose(StreamClose&& other) noexcept
    : Suspension(static_cast<Suspension&&>(other)),
      stream_(std::exchange(other.stream_, nullptr)) {}

StreamClose::~StreamClose() {
  if (stream_ != nullptr) stream_->release();
}

bool StreamClose::await_ready() noexcept { return stream_ == nullptr || stream_->closed(); }

void StreamClose::await_suspend(std::coroutine_handle<> coroutine) noexcept {
  suspend_shielded(coroutine);
  stream_->observe_close(*this);
}

Result<void> StreamClose::await_resume() noexcept {
  if (stream_ == nullptr) return {};
  if (const std::error_code error = stream_->last_send_error()) return std::unexpected(error);
  return {};
}

}  // namespace weir::detail
