#include "reactor/datagram/datagram_sender.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <utility>

#include "reactor/datagram/error_queue.h"
#include "weir/base/assert.h"

namespace weir::reactor {
namespace {

/// Errors of earlier datagrams that one send steps over.
constexpr int earlier_failures_max = 64;

bool is_train(const OutgoingDatagram& entry) noexcept {
  return entry.segment_bytes != 0 && entry.segment_bytes < entry.payload.size();
}

std::size_t segment_bytes_of(const OutgoingDatagram& entry) noexcept {
  return is_train(entry) ? entry.segment_bytes : entry.payload.size();
}

/// True if both may be segments of one message.
bool leaves_alike(const OutgoingDatagram& a, const OutgoingDatagram& b) noexcept {
  return a.peer == b.peer && a.source == b.source && a.interface_index == b.interface_index &&
         a.ecn == b.ecn && a.hop_limit == b.hop_limit && a.transmit_time == b.transmit_time;
}

bool is_mapped_ipv4(const InternetAddress& address) noexcept {
  if (!address.is_ipv6()) return false;
  const auto* const native =
      static_cast<const sockaddr_in6*>(static_cast<const void*>(address.as_sockaddr()));
  return IN6_IS_ADDR_V4MAPPED(&native->sin6_addr);
}

bool leaves_as_ipv4(const DatagramDescriptor& socket, const InternetAddress& peer) noexcept {
  if (!socket.is_ipv6) return true;
  if (peer.is_none()) return socket.peer_is_mapped;
  return peer.is_ipv4() || is_mapped_ipv4(peer);
}

/// Its first datagram has left alone, so it was for being a train.
void note_refused_train(const DatagramSendOperation& operation, int error) noexcept {
  DatagramDescriptor& socket = operation.socket();
  const OutgoingDatagram& first = operation.datagrams[operation.outcome.accepted];
  ++socket.stats.offload_fallbacks;
  // EIO: no device on the way to this peer segments. Else only the packets of this way are smaller.
  socket.refuse_segments(first.peer, error == EIO ? 0 : segment_bytes_of(first));
}

iovec piece_of(std::span<const std::byte> bytes) noexcept {
  return {.iov_base = const_cast<std::byte*>(bytes.data()), .iov_len = bytes.size()};
}

}  // namespace

DatagramSender::State DatagramSender::send(DatagramSendOperation& operation, Extent extent,
                                           std::uint64_t& system_calls) noexcept {
  constexpr Budget unlimited{.messages = SIZE_MAX, .bytes = SIZE_MAX};
  constexpr Budget one{.messages = 1, .bytes = SIZE_MAX};
  int failures = 0;
  int train_error = 0;  // not 0: a train was refused, and its first datagram has to go before more
  std::size_t doubted = SIZE_MAX;  // how many had left when it was last retried in doubt
  while (!operation.is_done()) {
    std::size_t count;
    if (train_error != 0) {
      count = build(operation, one, Trains::none);
    } else {
      if (extent == Extent::turn && !has_turn_left()) return State::turn_over;
      count = build(operation, extent == Extent::turn ? left_ : unlimited, Trains::allowed);
    }
    ++system_calls;
    const int sent = call(operation.socket().fd, count);
    if (sent > 0) {
      if (train_error != 0) note_refused_train(operation, std::exchange(train_error, 0));
      // A failure behind these is told by the next call.
      advance(operation, static_cast<std::size_t>(sent));
      continue;
    }
    int error = errno;
    spend(1, 0);
    const Failure failure = handle_failure(operation, error, system_calls);
    if (failure == Failure::wait) return State::no_room;
    if (failure == Failure::smaller) {
      train_error = error;
      continue;
    }
    const bool is_doubted =
        failure == Failure::doubtful &&
        std::exchange(doubted, operation.outcome.datagrams) != operation.outcome.datagrams;
    if (is_doubted) continue;
    const bool is_refused = failure == Failure::refused || failure == Failure::doubtful;
    if (is_refused || ++failures > earlier_failures_max) {
      operation.outcome.refused = from_errno(error);
    }
  }
  return State::done;
}

/// \returns how many were sent, or -1
int DatagramSender::call(int fd, std::size_t count) noexcept {
  constexpr int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
  if (count > 1) {
    return ::sendmmsg(fd, messages_.data(), static_cast<unsigned>(count), flags);
  }
  // sendmsg costs a little less than sendmmsg of one.
  return ::sendmsg(fd, &messages_[0].msg_hdr, flags) < 0 ? -1 : 1;
}

void DatagramSender::spend(std::size_t messages, std::size_t bytes) noexcept {
  left_.messages -= std::min(left_.messages, messages);
  left_.bytes -= std::min(left_.bytes, bytes);
}

void DatagramSender::advance(DatagramSendOperation& operation, std::size_t messages) noexcept {
  UdpStats& stats = operation.socket().stats;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < messages; ++i) {
    operation.outcome.datagrams += marks_[i].datagrams;
    stats.datagrams_sent += marks_[i].datagrams;
    bytes += marks_[i].bytes;
    if (marks_[i].is_train) ++stats.trains_sent;
  }
  stats.bytes_sent += bytes;
  spend(messages, bytes);
  operation.outcome.accepted += marks_[messages - 1].entries;
  operation.outcome.offset = marks_[messages - 1].offset;
}

/// Of the first message. \returns whether to go on
DatagramSender::Failure DatagramSender::handle_failure(DatagramSendOperation& operation, int& error,
                                                       std::uint64_t& system_calls) noexcept {
  DatagramDescriptor& socket = operation.socket();
  if (error == EINTR) return Failure::retry;
  if (error == EAGAIN) {
    ++socket.stats.send_waits;
    return Failure::wait;
  }
  if (marks_[0].is_train && (error == EIO || error == EINVAL || error == EMSGSIZE)) {
    if (error != EMSGSIZE || !socket.has_error_queue) return Failure::smaller;
    // It may be about an earlier datagram. That the train is too large need not be told.
    const ErrorsTaken taken = drain_error_queue(socket, system_calls, LocalErrors::forget);
    if (taken.remote_errors == 0) return Failure::smaller;
    if (socket.is_connected) {
      error = taken.last_remote_errno;
      return Failure::refused;
    }
    const bool is_earlier = taken.local_errors == 0 && taken.last_remote_errno == EMSGSIZE;
    return is_earlier ? Failure::retry : Failure::smaller;
  }
  if (!socket.has_error_queue || !is_about_an_earlier_one(error)) return Failure::refused;
  const ErrorsTaken taken = drain_error_queue(socket, system_calls);
  // Each local one is of the call that has just failed.
  if (socket.is_connected || taken.local_errors > 0) return Failure::refused;
  return taken.remote_errors > 0 ? Failure::retry : Failure::doubtful;
}

/// Lays out as many messages as there is room for and the budget allows, at least one: the last one
/// may exceed its bytes. \returns how many
std::size_t DatagramSender::build(const DatagramSendOperation& operation, const Budget& budget,
                                  Trains trains) noexcept {
  messages_count_ = 0;
  pieces_count_ = 0;
  Cursor cursor{.entry = operation.outcome.accepted, .offset = operation.outcome.offset};
  const std::size_t count_max = std::min(messages_max, budget.messages);
  std::size_t bytes = 0;
  while (cursor.entry < operation.datagrams.size() && messages_count_ < count_max &&
         bytes < budget.bytes && pieces_count_ + segments_max <= pieces_max) {
    add_message(operation, cursor, trains);
    bytes += marks_[messages_count_ - 1].bytes;
  }
  return messages_count_;
}

void DatagramSender::add_message(const DatagramSendOperation& operation, Cursor& cursor,
                                 Trains trains) noexcept {
  const DatagramDescriptor& socket = operation.socket();
  const OutgoingDatagram& first = operation.datagrams[cursor.entry];
  Mark& mark = marks_[messages_count_];
  mark = {};
  const std::size_t pieces_before = pieces_count_;

  const std::size_t segment_bytes = segment_bytes_of(first);
  const bool may_segment =
      trains == Trains::allowed && socket.may_segment(first.peer, segment_bytes);
  if (is_train(first)) {
    // What is left of it, as trains of what the kernel takes at once, or one by one.
    const std::size_t segments =
        may_segment ? std::clamp<std::size_t>(train_bytes_max / segment_bytes, 1, segments_max) : 1;
    add_part(first, segments * segment_bytes, cursor, mark);
  } else if (may_segment && !first.payload.empty() && !socket.has_send_timestamps) {
    add_run(operation, cursor, mark);
  } else {
    pieces_[pieces_count_++] = piece_of(first.payload);
    mark.bytes = static_cast<std::uint32_t>(first.payload.size());
    mark.datagrams = 1;
    ++cursor.entry;
  }
  mark.entries = cursor.entry - operation.outcome.accepted;
  mark.offset = cursor.offset;
  mark.is_train = mark.datagrams > 1;

  // Every field that the kernel reads, because the header is used again.
  msghdr& header = messages_[messages_count_].msg_hdr;
  header.msg_iov = &pieces_[pieces_before];
  header.msg_iovlen = pieces_count_ - pieces_before;
  header.msg_namelen = first.peer.sockaddr_length();
  header.msg_name =
      header.msg_namelen == 0 ? nullptr : const_cast<sockaddr*>(first.peer.as_sockaddr());
  header.msg_controllen = 0;
  // A train of one must go without: the kernel takes no segment size that is not smaller.
  if (mark.is_train || asks_for_control(first)) {
    ControlWriter control(controls_[messages_count_].bytes);
    write_control(first, leaves_as_ipv4(socket, first.peer), socket.traffic_class,
                  mark.is_train ? static_cast<std::uint32_t>(segment_bytes) : 0, control);
    header.msg_control = controls_[messages_count_].bytes.data();
    header.msg_controllen = control.used();
  }
  ++messages_count_;
}

/// Up to `bytes_max` of a train from the cursor on.
void DatagramSender::add_part(const OutgoingDatagram& entry, std::size_t bytes_max, Cursor& cursor,
                              Mark& mark) noexcept {
  const auto rest = entry.payload.subspan(cursor.offset);
  const std::size_t bytes = std::min(rest.size(), bytes_max);
  pieces_[pieces_count_++] = piece_of(rest.first(bytes));
  mark.bytes = static_cast<std::uint32_t>(bytes);
  mark.datagrams =
      static_cast<std::uint32_t>((bytes + entry.segment_bytes - 1) / entry.segment_bytes);
  cursor.offset += bytes;
  if (cursor.offset == entry.payload.size()) cursor = {.entry = cursor.entry + 1, .offset = 0};
}

/// The entry at the cursor and those behind it that may leave in one train with it: as long as it,
/// or shorter and then the last.
void DatagramSender::add_run(const DatagramSendOperation& operation, Cursor& cursor,
                             Mark& mark) noexcept {
  const OutgoingDatagram& first = operation.datagrams[cursor.entry];
  const std::size_t size = first.payload.size();
  std::size_t bytes = 0;
  while (cursor.entry < operation.datagrams.size() && mark.datagrams < segments_max) {
    const OutgoingDatagram& next = operation.datagrams[cursor.entry];
    const std::size_t next_size = next.payload.size();
    if (mark.datagrams > 0 && (next_size == 0 || next_size > size || is_train(next) ||
                               bytes + next_size > train_bytes_max || !leaves_alike(first, next))) {
      break;
    }
    // Neighbours in memory, as the datagrams of a train received are, make one piece.
    iovec& last = pieces_[pieces_count_ == 0 ? 0 : pieces_count_ - 1];
    if (mark.datagrams > 0 &&
        static_cast<std::byte*>(last.iov_base) + last.iov_len == next.payload.data()) {
      last.iov_len += next_size;
    } else {
      pieces_[pieces_count_++] = piece_of(next.payload);
    }
    bytes += next_size;
    ++mark.datagrams;
    ++cursor.entry;
    if (next_size < size) break;
  }
  mark.bytes = static_cast<std::uint32_t>(bytes);
}

}  // namespace weir::reactor
