// Datagrams that come one at a time: the kernel receives them itself, by multishot recvmsg, and the
// system call that would is saved.
//
//     crowded   multishot poll -> recvmmsg(2)          DatagramPace says which
//     lone      multishot recvmsg -> provided buffer, copied out
//
// To change over, the request in flight is cancelled, and when it is concluded the other one is
// submitted. What comes between waits in the socket; what was received before is delivered first.
// So the order stays, and nothing is lost.
//
// At most one source a buffer waits in this way. When the kernel ends it unasked (ENOBUFS: buffers
// ran out; an error of the socket), readiness goes on: a poll tells of an error queue, of which a
// receive tells only while the socket's error is set. Transmit times never set it, so sockets that
// ask for those are left alone.
#include <poll.h>

#include <algorithm>
#include <cerrno>

#include "reactor/datagram/datagram_operation.h"
#include "reactor/datagram/error_queue.h"
#include "reactor/uring/operation_bits.h"
#include "reactor/uring/uring_reactor.h"

namespace weir::reactor {

namespace {

/// Not one of the ways in which the kernel ends a receive that may go on.
bool is_error_of_socket(int result) noexcept {
  switch (result) {
    case -ECANCELED:
    case -EINTR:
    case -ENOBUFS:
    case -EAGAIN:
    case -EBADFD:  // multishot in a thread of the kernel's
      return false;
    default:
      return true;
  }
}

}  // namespace

bool UringReactor::may_receive_lone(const DatagramSource& source) noexcept {
  return source.pace.is_lone() && uring_.multishot_datagrams && !source.until_drained &&
         !source.socket().has_send_timestamps && lone_armed_ < DatagramBufferRing::buffers_count &&
         !has_parked(source) && lone_buffers_.open();
}

void UringReactor::prepare_datagrams(DatagramSource& source, io_uring_sqe& entry) noexcept {
  const int fd = source.descriptor().fd;
  if (!may_receive_lone(source)) return io_uring_prep_poll_multishot(&entry, fd, POLLIN);
  set(source, OperationBit::lone);
  ++lone_armed_;
  lone_buffers_.prepare(entry, fd);
}

void UringReactor::deliver_lone(DatagramSource& source, const Completion& completion) noexcept {
  if (!completion.more()) --lone_armed_;
  if ((completion.flags & IORING_CQE_F_BUFFER) == 0) {
    if (completion.result >= 0) return;
    const bool is_asked_for = has(source, OperationBit::cancel_asked) ||
                              has(source, OperationBit::full) ||
                              source.state() == Operation::State::cancelling;
    if (!is_asked_for) source.pace.crowd();
    if (is_error_of_socket(completion.result)) fail_lone(source, completion.result);
    return;
  }
  // Also to one that is full or being stopped: it has left the socket.
  const ArrivedDatagram datagram = lone_buffers_.arrived(completion);
  const std::uint16_t buffer_id = DatagramBufferRing::id_of(completion);
  if (has_parked(source) || !datagrams_.receiver().deliver(source, datagram)) {
    ++stats_.buffers_wanted;
    ++source.socket().stats.receive_pauses;
    parked_.push_back({.source = &source, .datagram = datagram, .buffer_id = buffer_id});
    source.pace.crowd();
  } else {
    lone_buffers_.give_back(buffer_id);
    ++stats_.receives;
    ++stats_.datagrams;
    notify(source);
    source.pace.count_message(stats_.polls, datagram.payload.size() > DatagramWindow::slot_bytes);
  }
  if (!completion.more() || source.state() == Operation::State::cancelling) return;
  if (source.is_full() && !has(source, OperationBit::full)) {
    ++source.socket().stats.receive_pauses;
    set(source, OperationBit::full);
    request_cancel(source);
  } else if (!source.pace.is_lone()) {
    request_cancel(source);
  }
}

/// As DatagramReceiver where recvmmsg fails.
void UringReactor::fail_lone(DatagramSource& source, int result) noexcept {
  DatagramDescriptor& socket = source.socket();
  source.failure = result;
  if (!socket.has_error_queue) return;
  const ErrorsTaken taken = drain_error_queue(socket, stats_.system_calls);
  if (taken.errors + taken.send_timestamps > 0) notify(source);
  // Of a datagram sent earlier: who talks to many asks for errors.
  const bool is_earlier = taken.errors > 0 || is_about_an_earlier_one(-result);
  if (!socket.is_connected && is_earlier) source.failure = 0;
}

bool UringReactor::has_parked(const DatagramSource& source) const noexcept {
  return std::ranges::any_of(parked_,
                             [&](const Parked& parked) { return parked.source == &source; });
}

/// \returns true if nothing of the source's is parked any more
bool UringReactor::deliver_parked(DatagramSource& source) noexcept {
  for (std::size_t at = 0; at < parked_.size();) {
    const Parked& parked = parked_[at];
    if (parked.source != &source) {
      ++at;
      continue;
    }
    if (source.is_full() || !datagrams_.receiver().deliver(source, parked.datagram)) return false;
    ++stats_.receives;
    ++stats_.datagrams;
    notify(source);
    lone_buffers_.give_back(parked.buffer_id);
    parked_.erase(parked_.begin() + static_cast<std::ptrdiff_t>(at));
  }
  return true;
}

/// What is parked, if there is memory for it now. Each source's in order: what cannot be delivered
/// holds up what is behind it.
void UringReactor::serve_parked() noexcept {
  if (!pool_.can_acquire()) datagrams_.trim();  // what it keeps ready may be all there is
  bool wants_memory = !pool_.can_acquire() && pool_.compact() == 0;
  for (std::size_t at = 0; at < parked_.size() && !wants_memory;) {
    DatagramSource& source = *parked_[at].source;
    const std::size_t before = parked_.size();
    const bool may_deliver = source.state() == Operation::State::submitted && !source.is_full();
    if (may_deliver && !deliver_parked(source)) wants_memory = !source.is_full();
    if (parked_.size() == before) ++at;
  }
  if (wants_memory) {
    pool_.add_waiter(parked_wait_);
  } else {
    pool_.remove_waiter(parked_wait_);
  }
}

/// For want of memory, which the source does not wait for.
void UringReactor::discard_parked(const DatagramSource& source) noexcept {
  std::erase_if(parked_, [&](const Parked& parked) {
    if (parked.source != &source) return false;
    DatagramReceiver::discard(*parked.source, parked.datagram);
    lone_buffers_.give_back(parked.buffer_id);
    return true;
  });
  if (parked_.empty()) pool_.remove_waiter(parked_wait_);
}

/// Its socket is closed: nobody will ask for what it has received.
void UringReactor::drop_parked(const Descriptor& descriptor) noexcept {
  std::erase_if(parked_, [&](const Parked& parked) {
    if (&parked.source->descriptor() != &descriptor) return false;
    lone_buffers_.give_back(parked.buffer_id);
    return true;
  });
  if (parked_.empty()) pool_.remove_waiter(parked_wait_);
}

}  // namespace weir::reactor
