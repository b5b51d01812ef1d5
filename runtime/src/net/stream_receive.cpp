// The receiving half of a stream: from the reactor's source into the inbox, and to the reader.

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "net/stream_state.h"

namespace weir::detail {
namespace {

/// What a drain asks the kernel for at a time.
constexpr std::size_t drain_piece_bytes = 16 * 1024;

}  // namespace

bool StreamReader::ready() noexcept {
  error_ = stream_ == nullptr ? make_error_code(Error::closed) : cancelled();
  return error_ || stream_->try_read(*this);
}

void StreamReader::wait(std::coroutine_handle<> coroutine) noexcept {
  suspend(coroutine);
  stream_->wait_for_bytes(*this);
}

void StreamReader::on_cancel(std::error_code reason) noexcept {
  stream_->cancel_reader(*this, reason);
}

Result<Chain> Read::await_resume() noexcept {
  Result<Chain> taken;  // the caller's: moved nowhere
  if (error_) {
    taken = std::unexpected(error_);
  } else {
    stream_->take_inbox(*this, *taken);
  }
  return taken;
}

Result<std::size_t> ReadInto::await_resume() noexcept {
  if (error_) return std::unexpected(error_);
  if (into_ == nullptr) return bytes_;
  return stream_->copy_inbox({into_, bytes_});
}

ReadUntil::ReadUntil(const Stream& stream) noexcept : StreamReader(stream.state_, Kind::until, 1) {}

bool ReadUntil::await_ready() noexcept {
  while (ready()) {
    if (error_ || stream_->take_inbox_by(*this)) return true;
  }
  return false;
}

bool StreamState::satisfied(const StreamReader& reader) const noexcept {
  const std::size_t wanted = reader.kind_ == StreamReader::Kind::exactly ? reader.bytes_ : 1;
  return receive_.inbox.size() >= wanted;
}

void StreamState::set_end_error(StreamReader& reader) const noexcept {
  if (receive_.end == reactor::ReceiveSource::End::failed) {
    reader.error_ = from_errno(-receive_.result);
  } else if (reader.kind_ == StreamReader::Kind::exactly) {
    reader.error_ = Error::end_of_stream;
  }
}

bool StreamState::try_read(StreamReader& reader) noexcept {
  if (!open()) {
    reader.error_ = Error::closed;
  } else if (reader_ != nullptr) {
    reader.error_ = Error::busy;
  } else if (reader.kind_ == StreamReader::Kind::exactly &&
             reader.bytes_ > receive_.inbox_bytes_max) {
    reader.error_ = Error::limit_exceeded;
  } else if (satisfied(reader) || reader.bytes_ == 0) {
    return true;
  } else if (receive_ended()) {
    set_end_error(reader);
  } else {
    return false;
  }
  return true;
}

void StreamState::wait_for_bytes(StreamReader& reader) noexcept {
  reader_ = &reader;
  want_bytes(reader);
}

/// Precondition: the reader is not satisfied and the input has not ended.
void StreamState::want_bytes(StreamReader& reader) noexcept {
  if (ending_input_) return;
  if (reader.kind_ != StreamReader::Kind::into) {
    if (!receive_.in_flight()) reactor().start(receive_);
  } else if (receive_.in_flight()) {
    reactor().cancel(receive_);  // its end leads to serve_reader, and here again
  } else {
    start_receive_into(static_cast<const ReadInto&>(reader));
  }
}

void StreamState::start_receive_into(const ReadInto& reader) noexcept {
  if (receive_into_ == nullptr) receive_into_ = std::make_unique<ReceiveInto>(*this);
  receive_into_->destination = {reader.into_, reader.bytes_};
  reactor().start(*receive_into_);
}

void StreamState::on_receive() noexcept {
  note_arrival(!receive_.inbox.empty());
  if (!open()) {
    receive_.inbox.clear();
    continue_close();
    return;
  }
  if (ending_input_ && !receive_.in_flight()) collect_arrived();
  serve_reader();
}

/// Resumes the reader if it can be: the last thing a callback does.
void StreamState::serve_reader() noexcept {
  if (reader_ == nullptr) {
    if (!receive_.inbox.empty()) shard().pool().add_holder(*this);
    return;
  }
  StreamReader& reader = *reader_;
  if (receiving_into()) return;
  while (satisfied(reader) || receive_ended()) {
    if (!satisfied(reader)) set_end_error(reader);
    if (reader.kind_ == StreamReader::Kind::until && !reader.error_ &&
        !take_inbox_by(static_cast<ReadUntil&>(reader))) {
      continue;
    }
    reader_ = nullptr;
    reader.resume_now();
    return;
  }
  if (!receive_.inbox.empty()) shard().pool().add_holder(*this);
  want_bytes(reader);
}

void StreamState::on_receive_into() noexcept {
  const int result = receive_into_->result;
  auto& reader = static_cast<ReadInto&>(*reader_);
  note_arrival(result > 0);
  if (result == -ECANCELED && ending_input_ && !reader.error_ && open()) {
    collect_arrived();
    serve_reader();
    return;
  }
  reader_ = nullptr;
  if (result >= 0) {
    reader.error_ = {};
    reader.into_ = nullptr;
    reader.bytes_ = static_cast<std::size_t>(result);
    read_total_ += reader.bytes_;
    if (result == 0) receive_.end = reactor::ReceiveSource::End::end_of_stream;
  } else if (result != -ECANCELED) {
    receive_.end = reactor::ReceiveSource::End::failed;
    receive_.result = result;
    reader.error_ = from_errno(-result);
  } else if (!reader.error_) {
    reader.error_ = Error::closed;
  }
  if (open()) {
    if (ending_input_)
      collect_arrived();  // it completed, or was cancelled, before the drain's cancel
    reader.resume_now();
  } else {
    reader.resume_soon();
    continue_close();
  }
}

void StreamState::cancel_reader(StreamReader& reader, std::error_code reason) noexcept {
  WEIR_ASSERT(reader_ == &reader);
  reader.error_ = reason;
  if (receiving_into()) {
    // The kernel may still write, or has written: the reader waits for its end.
    reactor().cancel(*receive_into_);
    return;
  }
  reader_ = nullptr;
  reader.resume_soon();
}

void StreamState::take_inbox(const StreamReader& reader, Chain& taken) noexcept {
  Chain& inbox = receive_.inbox;
  if (reader.kind_ != StreamReader::Kind::exactly || reader.bytes_ >= inbox.size()) {
    taken.append(std::move(inbox));
  } else {
    taken = inbox.split(reader.bytes_);
  }
  read_total_ += taken.size();
  inbox_taken();
}

bool StreamState::take_inbox_by(ReadUntil& reader) noexcept {
  Chain& inbox = receive_.inbox;
  const std::size_t bytes = inbox.size();
  const bool is_enough = reader.is_enough(inbox);
  WEIR_ASSERT(inbox.empty());
  if (bytes == 0) WEIR_ASSERT(is_enough);
  read_total_ += bytes;
  inbox_taken();
  return is_enough;
}

std::size_t StreamState::copy_inbox(std::span<std::byte> destination) noexcept {
  Chain& inbox = receive_.inbox;
  const std::size_t bytes = inbox.copy_to(destination);
  inbox.trim_front(bytes);
  read_total_ += bytes;
  inbox_taken();
  return bytes;
}

/// A source that stopped because the inbox was full goes on when half of it is free.
void StreamState::inbox_taken() noexcept {
  if (arrived_bytes_ > 0 && open()) take_arrived();
  if (receive_.inbox.empty() && is_held()) shard().pool().remove_holder(*this);
  if (receive_.end == reactor::ReceiveSource::End::full && !receive_.in_flight() && open() &&
      !ending_input_ && !input_ended_ && receive_.inbox.size() <= receive_.inbox_bytes_max / 2) {
    reactor().start(receive_);
  }
}

void StreamState::end_receiving() noexcept {
  if (!open() || receive_ended() || ending_input_) return;
  ending_input_ = true;
  if (receiving_into()) {
    reactor().cancel(*receive_into_);
  } else if (receive_.in_flight()) {
    reactor().cancel(receive_);
  } else if (!receive_.queued()) {
    shard().make_ready(receive_);
  }
}

/// Ends the input after what the kernel has by now.
void StreamState::collect_arrived() noexcept {
  int bytes = 0;
  if (::ioctl(fd, SIOCINQ, &bytes) == 0) {
    arrived_bytes_ = static_cast<std::uint32_t>(std::max(bytes, 0));
  }
  ending_input_ = false;
  input_ended_ = true;
  take_arrived();
}

/// Moves on from the kernel what had arrived when the input ended, without waiting: as much as the
/// inbox takes now, the rest when it has been read. With the pool's budget spent it takes plain
/// memory, an inbox a connection at most: a drain that waited for buffers could wait for a handler
/// that waits for these bytes.
void StreamState::take_arrived() noexcept {
  Chain& inbox = receive_.inbox;
  while (arrived_bytes_ > 0 && inbox.size() < receive_.inbox_bytes_max) {
    Result<Buffer> pooled = shard().pool().allocate(drain_piece_bytes);
    Buffer piece = pooled ? std::move(*pooled) : Buffer::uninitialized(drain_piece_bytes);
    const std::size_t wanted = std::min<std::size_t>(piece.size(), arrived_bytes_);
    const ssize_t bytes = ::recv(fd, piece.writable().data(), wanted, MSG_DONTWAIT);
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes <= 0) {
      arrived_bytes_ = 0;  // reset meanwhile
      break;
    }
    arrived_bytes_ -= static_cast<std::uint32_t>(bytes);
    piece.trim_back(piece.size() - static_cast<std::size_t>(bytes));
    inbox.append(std::move(piece));
  }
}

}  // namespace weir::detail
