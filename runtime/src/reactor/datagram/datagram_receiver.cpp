#include "reactor/datagram/datagram_receiver.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "reactor/datagram/error_queue.h"

namespace weir::reactor {
namespace {

/// Errors of the socket taken in one turn, each of which stands for a datagram of ours.
constexpr int failures_max = 64;
constexpr std::size_t messages_hint_min = 4;
/// Receives without a large datagram before slots are used again.
constexpr std::uint8_t small_receives_max = 8;

/// What a receive has changed of a header.
void reset(msghdr& header) noexcept {
  header.msg_namelen = InternetAddress::storage_bytes;
  header.msg_controllen = receive_control_bytes;
  header.msg_flags = 0;
}

/// Of a connected socket: it was in the buffer before connect(2), which leaves there what others
/// had sent since bind(2).
bool is_of_stranger(const DatagramDescriptor& socket, const InternetAddress& peer) noexcept {
  return !socket.connected_peer.is_none() && !(socket.connected_peer == peer);
}

std::size_t kept_bytes(const DatagramSource& source, const ArrivedDatagram& datagram) noexcept {
  return std::min<std::size_t>(datagram.wire_bytes, source.payload_bytes_max);
}

/// 0: not a train.
std::uint32_t segment_bytes_of(const ReceivedControl& control, std::size_t bytes) noexcept {
  return bytes > control.segment_bytes ? control.segment_bytes : 0;
}

void count_kernel_drops(DatagramDescriptor& socket, const ReceivedControl& control) noexcept {
  if (!control.has_drops) return;
  const std::uint32_t drops =
      control.drops_total - std::exchange(socket.drops_seen, control.drops_total);
  socket.stats.dropped_by_kernel += drops;
  socket.drops_untold += drops;
}

/// Counts what is not put into the inbox, each datagram of a train.
void drop(DatagramSource& source, const ArrivedDatagram& datagram, std::uint64_t& count) noexcept {
  const ReceivedControl control = parse_control(datagram.control);
  count_kernel_drops(source.socket(), control);
  if (datagram.control_truncated) ++source.socket().stats.control_truncated;
  const std::size_t bytes = kept_bytes(source, datagram);
  const std::uint32_t segment_bytes = segment_bytes_of(control, bytes);
  count += segment_bytes == 0 ? 1 : (bytes + segment_bytes - 1) / segment_bytes;
}

/// What the kernel said beside the payload, which is nothing unless an option asks for it.
void note_control(DatagramDescriptor& socket, std::span<const std::byte> bytes,
                  std::size_t payload_bytes, DatagramTrain& train) noexcept {
  const ReceivedControl control = parse_control(bytes);
  count_kernel_drops(socket, control);
  train.local = control.local;
  train.segment_bytes = segment_bytes_of(control, payload_bytes);
  train.interface_index = control.interface_index;
  train.timestamp = control.timestamp;
  train.traffic_class = control.traffic_class;
  train.hop_limit = control.hop_limit;
}

/// Puts one into the inbox, or counts it as dropped if there was no memory for its payload.
void append(DatagramSource& source, const ArrivedDatagram& datagram,
            Result<Buffer> payload) noexcept {
  DatagramDescriptor& socket = source.socket();
  UdpStats& stats = socket.stats;
  if (!payload) return DatagramReceiver::discard(source, datagram);
  const std::size_t bytes = kept_bytes(source, datagram);

  // Filled in where it stays: it is two cache lines.
  DatagramTrain& train = source.inbox.emplace_back();
  train.payload = std::move(*payload);
  train.peer = datagram.peer;
  train.wire_bytes = static_cast<std::uint32_t>(datagram.wire_bytes);
  train.truncated = datagram.wire_bytes > bytes;
  if (!datagram.control.empty()) note_control(socket, datagram.control, bytes, train);
  train.drops_since = std::exchange(socket.drops_untold, 0);

  const std::size_t datagrams = train.datagram_count();
  stats.datagrams_received += datagrams;
  stats.bytes_received += bytes;
  if (datagrams > 1) ++stats.trains_received;
  if (train.truncated) ++stats.datagrams_truncated;
  if (datagram.control_truncated) ++stats.control_truncated;
  source.inbox_bytes += bytes + datagram_overhead_bytes;
}

}  // namespace

DatagramReceiver::DatagramReceiver(BufferPool& pool) noexcept : pool_(pool), window_(pool) {
  for (std::size_t i = 0; i < messages_.size(); ++i) {
    messages_[i].msg_hdr.msg_name = names_[i].storage();
    messages_[i].msg_hdr.msg_control = controls_[i].bytes.data();
    messages_[i].msg_hdr.msg_iov = window_.pieces(i).data();
    reset(messages_[i].msg_hdr);
  }
}

DatagramReceiver::Turn DatagramReceiver::receive(DatagramSource& source,
                                                 std::uint64_t& system_calls) noexcept {
  Turn turn;
  DatagramDescriptor& socket = source.socket();
  std::size_t bytes = 0;
  int failures = 0;
  bool has_made_room = false;
  for (;;) {
    if (std::exchange(source.has_error_event, false) && socket.has_error_queue) {
      const ErrorsTaken taken = drain_error_queue(socket, system_calls);
      turn.delivered = turn.delivered || taken.errors + taken.send_timestamps > 0;
      // Who talks to one peer wants to hear of it from the receive; who talks to many asks for
      // errors. Taking the message has cleared the socket's error.
      if (socket.is_connected && taken.remote_errors > 0) {
        turn.state = State::failed;
        turn.errno_value = taken.last_remote_errno;
        return turn;
      }
    }
    if (source.is_full()) {
      ++socket.stats.receive_pauses;
      turn.state = State::full;
      return turn;
    }
    if (bytes >= turn_bytes_max || turn.messages >= turn_messages_max || failures > failures_max) {
      turn.state = State::unread;
      return turn;
    }
    Once once = receive_once(source, system_calls);
    if (once.state == State::starved && source.until_drained) {
      if (!std::exchange(has_made_room, true) && make_room()) continue;
      once = discard_once(source, system_calls);
    }
    bytes += once.bytes;
    turn.messages += once.messages;
    turn.delivered = turn.delivered || once.messages > 0;
    if (once.state == State::unread) continue;
    if (once.state == State::starved) ++socket.stats.receive_pauses;
    if (once.state == State::failed && socket.has_error_queue) {
      // An error of a datagram sent earlier: see above.
      const ErrorsTaken taken = drain_error_queue(socket, system_calls);
      turn.delivered = turn.delivered || taken.errors + taken.send_timestamps > 0;
      const bool is_earlier = taken.errors > 0 || is_about_an_earlier_one(once.errno_value);
      if (!socket.is_connected && is_earlier) {
        ++failures;
        continue;
      }
    }
    turn.state = once.state;
    turn.errno_value = once.errno_value;
    return turn;
  }
}

DatagramReceiver::Once DatagramReceiver::receive_once(DatagramSource& source,
                                                      std::uint64_t& system_calls) noexcept {
  // Room for twice what came last: laying it out for 32 costs a lone datagram a tenth.
  const std::size_t count =
      window_.open(source.expects_large, source.payload_bytes_max, source.messages_hint);
  if (count == 0) return {.state = State::starved};
  const std::size_t pieces_count = window_.pieces(0).size();
  for (std::size_t i = 0; i < count; ++i) messages_[i].msg_hdr.msg_iovlen = pieces_count;

  Once once = call(source, count, system_calls);
  bool any_large = false;
  for (std::size_t i = 0; i < once.messages; ++i) {
    const std::size_t bytes = std::min<std::size_t>(messages_[i].msg_len, source.payload_bytes_max);
    any_large = any_large || bytes > DatagramWindow::slot_bytes;
    once.bytes += bytes;
    const ArrivedDatagram datagram = arrived(i);
    if (is_of_stranger(source.socket(), datagram.peer)) {
      discard(source, datagram);
    } else {
      append(source, datagram, window_.take(i, bytes));
    }
    reset(messages_[i].msg_hdr);
  }
  if (any_large) {
    source.expects_large = true;
    source.small_receives = 0;
  } else if (source.expects_large && ++source.small_receives == small_receives_max) {
    source.expects_large = false;
  }
  source.messages_hint = static_cast<std::uint8_t>(
      std::clamp<std::size_t>(2 * once.messages, messages_hint_min, DatagramWindow::messages_max));
  return once;
}

/// Takes messages out of the socket without their payload.
DatagramReceiver::Once DatagramReceiver::discard_once(DatagramSource& source,
                                                      std::uint64_t& system_calls) noexcept {
  for (mmsghdr& message : messages_) message.msg_hdr.msg_iovlen = 0;
  Once once = call(source, messages_.size(), system_calls);
  for (std::size_t i = 0; i < once.messages; ++i) {
    discard(source, arrived(i));
    reset(messages_[i].msg_hdr);
  }
  return once;
}

DatagramReceiver::Once DatagramReceiver::call(DatagramSource& source, std::size_t count,
                                              std::uint64_t& system_calls) noexcept {
  int received;
  do {
    ++system_calls;
    // MSG_TRUNC: the length is the datagram's, however much of it fits.
    received = ::recvmmsg(source.socket().fd, messages_.data(), static_cast<unsigned>(count),
                          MSG_DONTWAIT | MSG_TRUNC, nullptr);
  } while (received < 0 && errno == EINTR);
  if (received < 0) {
    if (errno == EAGAIN) return {.state = State::drained};
    return {.state = State::failed, .errno_value = errno};
  }
  // If it stopped before the last message: only an empty socket, or an error that the next call
  // tells, makes it do that.
  const auto messages = static_cast<std::size_t>(received);
  return {.state = messages < count ? State::drained : State::unread, .messages = messages};
}

ArrivedDatagram DatagramReceiver::arrived(std::size_t message) const noexcept {
  return {.peer = names_[message],
          .control = {controls_[message].bytes.data(), messages_[message].msg_hdr.msg_controllen},
          .control_truncated = (messages_[message].msg_hdr.msg_flags & MSG_CTRUNC) != 0,
          .wire_bytes = messages_[message].msg_len,
          .payload = {}};
}

/// \returns true if there may be memory now
bool DatagramReceiver::make_room() noexcept {
  window_.trim();
  return pool_.can_acquire() || pool_.compact() > 0;
}

void DatagramReceiver::discard(DatagramSource& source, const ArrivedDatagram& datagram) noexcept {
  UdpStats& stats = source.socket().stats;
  const bool is_foreign = is_of_stranger(source.socket(), datagram.peer);
  drop(source, datagram, is_foreign ? stats.dropped_strangers : stats.dropped_no_memory);
}

bool DatagramReceiver::deliver(DatagramSource& source, const ArrivedDatagram& datagram) noexcept {
  if (is_of_stranger(source.socket(), datagram.peer)) {
    discard(source, datagram);
    return true;
  }
  const std::size_t bytes =
      std::min<std::size_t>(datagram.payload.size(), source.payload_bytes_max);
  Result<Buffer> payload = window_.copy(datagram.payload.first(bytes));
  if (!payload) return false;
  append(source, datagram, std::move(payload));
  return true;
}

}  // namespace weir::reactor
