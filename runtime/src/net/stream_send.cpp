// The sending half of a stream: from the out-queue to the kernel, and what waits for that.

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "net/stream_state.h"

namespace weir::detail {
namespace {

/// Direct sends of one stream in a row before others get their turn.
constexpr int sends_per_turn_max = 4;

}  // namespace

bool StreamWriter::refused() noexcept {
  error_ = stream_ == nullptr ? make_error_code(Error::closed) : cancelled();
  if (!error_) error_ = stream_->write_error();
  return static_cast<bool>(error_);
}

void StreamWriter::wait(std::coroutine_handle<> coroutine) noexcept {
  suspend(coroutine);
  stream_->wait_for_queue(*this);
}

void StreamWriter::on_cancel(std::error_code reason) noexcept {
  stream_->cancel_writer(*this, reason);
}

bool Write::await_ready() noexcept {
  if (refused() || bytes_.empty()) return true;
  begin_ = stream_->queued_total();
  end_ = begin_ + bytes_.size();
  stream_->enqueue(std::move(bytes_));
  return false;
}

bool WriteSpan::await_ready() noexcept {
  if (refused() || bytes_.empty()) return true;
  if (bytes_.size() > Slab::capacity_max) {
    error_ = Error::limit_exceeded;
    return true;
  }
  begin_ = stream_->queued_total();
  end_ = begin_ + bytes_.size();
  slab_.lend(bytes_);
  stream_->enqueue(Chain(slab_.buffer()));
  return false;
}

bool WriterWait::await_ready() noexcept {
  error_ = stream_ == nullptr ? make_error_code(Error::closed) : cancelled();
  if (!error_) error_ = stream_->flush_error();
  if (error_) return true;
  begin_ = end_ = until_ == Until::drained ? stream_->drained_position() : stream_->queued_total();
  if (until_ == Until::shut_down) {
    stream_->refuse_writes();
    sends_fin_ = true;
  }
  if (stream_->taken_total() < end_) return false;
  if (sends_fin_) error_ = stream_->send_fin();
  return true;
}

Result<void> WriterWait::await_resume() noexcept {
  if (error_) return std::unexpected(error_);
  return {};
}

std::error_code StreamState::flush_error() const noexcept {
  if (send_errno_ != 0) return from_errno(send_errno_);
  if (!open()) return Error::closed;
  return {};
}

std::error_code StreamState::write_error() const noexcept {
  if (const std::error_code error = flush_error()) return error;
  if (writes_refused_) return Error::closed;
  return {};
}

void StreamState::at_turn_end(std::size_t batch) noexcept {
  for (int count = 0; count < sends_per_turn_max; ++count) {
    if (out_queue_.empty() || sending() || phase_ == Phase::resetting) break;
    send_.awaited = last_writer_ != nullptr || !open();
    note_send();
    if (!reactor().start(send_, batch)) break;
    sent(send_.result);
  }
  if (!out_queue_.empty() && !sending() && phase_ != Phase::resetting) {
    shard().mark_turn_end(*this);
  }
  if (!open()) continue_close();
}

void StreamState::on_send_complete() noexcept {
  sent(send_.result);
  if (writer_cancelled_) serve_cancelled_writers();
  if (!out_queue_.empty()) shard().mark_turn_end(*this);
  if (!open()) continue_close();
}

/// \param result bytes, or a negated errno.
void StreamState::sent(int result) noexcept {
  if (result < 0) {
    if (result != -ECANCELED && result != -EINTR && result != -EAGAIN) fail_writes(-result);
    return;
  }
  if (send_.awaited) note_activity();  // else it was noted when the send began
  out_queue_.trim_front(static_cast<std::size_t>(result));
  taken_total_ += static_cast<std::uint64_t>(result);
  serve_writers();
}

/// The first error of a send stays: nothing more is accepted.
void StreamState::fail_writes(int error) noexcept {
  if (send_errno_ == 0) send_errno_ = static_cast<std::int16_t>(error);
  drop_writes(from_errno(send_errno_));
}

/// Everything that waits fails.
void StreamState::drop_writes(std::error_code error) noexcept {
  out_queue_.clear();
  while (StreamWriter* const writer = first_writer()) {
    if (!writer->error_) writer->error_ = error;
    finish_writer(*writer);
  }
}

void StreamState::serve_writers() noexcept {
  while (last_writer_ != nullptr && first_writer()->end_ <= taken_total_) {
    StreamWriter& writer = *first_writer();
    writer.error_ = {};                                 // cancelled too late: every byte was taken
    if (writer.sends_fin_) writer.error_ = send_fin();  // now: who resumes later may have no stream
    finish_writer(writer);
  }
}

/// Takes a writer out of the ring, notes how far it got, and makes it ready.
void StreamState::finish_writer(StreamWriter& writer) noexcept {
  StreamWriter* before = last_writer_;
  while (before->next_ != &writer) before = before->next_;
  before->next_ = writer.next_;
  if (last_writer_ == &writer) last_writer_ = before == &writer ? nullptr : before;
  const std::uint64_t end = std::min(writer.end_, taken_total_);
  writer.bytes_taken_ = end > writer.begin_ ? static_cast<std::size_t>(end - writer.begin_) : 0;
  writer.resume_soon();
}

void StreamState::wait_for_queue(StreamWriter& writer) noexcept {
  send_.awaited = true;
  if (last_writer_ == nullptr) {
    last_writer_ = writer.next_ = &writer;
    return;
  }
  StreamWriter* before = last_writer_;
  const bool is_last = writer.end_ >= before->end_;
  if (!is_last) {
    while (before->next_->end_ <= writer.end_) before = before->next_;
  }
  writer.next_ = std::exchange(before->next_, &writer);
  if (is_last) last_writer_ = &writer;
}

bool StreamState::in_flight(const StreamWriter& writer) const noexcept {
  return sending() && writer.end_ > taken_total_ && writer.begin_ < taken_total_ + send_.bytes;
}

void StreamState::cancel_writer(StreamWriter& writer, std::error_code reason) noexcept {
  writer.error_ = reason;
  if (writer.begin_ < writer.end_ && in_flight(writer)) {
    writer_cancelled_ = true;  // the kernel may still read its bytes: wait for the send's end
    reactor().cancel(send_);
    return;
  }
  withdraw(writer);
  finish_writer(writer);
  serve_writers();  // what waited for the withdrawn bytes only
}

void StreamState::serve_cancelled_writers() noexcept {
  writer_cancelled_ = false;
  for (StreamWriter* at = first_writer(); at != nullptr;) {
    StreamWriter& writer = *at;
    at = writer_after(writer);
    if (!writer.error_) continue;
    withdraw(writer);
    finish_writer(writer);
  }
  serve_writers();
}

/// Takes the writer's bytes that the kernel does not have out of the queue; later positions move
/// up.
void StreamState::withdraw(const StreamWriter& writer) noexcept {
  const std::uint64_t first = std::max(writer.begin_, taken_total_);
  if (writer.end_ <= first || writer.begin_ == writer.end_) return;
  const std::uint64_t bytes = writer.end_ - first;
  const std::uint64_t hole_end = writer.end_;
  Chain before = out_queue_.split(static_cast<std::size_t>(first - taken_total_));
  out_queue_.trim_front(static_cast<std::size_t>(bytes));
  before.append(std::move(out_queue_));
  out_queue_ = std::move(before);
  for (StreamWriter* at = first_writer(); at != nullptr; at = writer_after(*at)) {
    if (at == &writer) continue;
    // Only a wait without bytes of its own (flush, drained) has a position inside the hole.
    for (std::uint64_t* position : {&at->begin_, &at->end_}) {
      if (*position >= hole_end) {
        *position -= bytes;
      } else {
        *position = std::min(*position, first);
      }
    }
  }
}

std::error_code StreamState::send_fin() noexcept {
  if (fin_sent_) return {};
  if (send_errno_ != 0) return from_errno(send_errno_);
  if (::shutdown(fd, SHUT_WR) != 0) return from_errno(errno);
  fin_sent_ = true;
  return {};
}

}  // namespace weir::detail
