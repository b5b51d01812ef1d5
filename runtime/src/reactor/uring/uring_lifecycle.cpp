// From `start` to the end of an operation, whatever it does.
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "reactor/uring/operation_bits.h"
#include "reactor/uring/uring_reactor.h"
#include "reactor/uring/user_data.h"
#include "weir/base/assert.h"

namespace weir::reactor {
namespace {

/// An entry has 32 bits for a length, and the kernel takes the upper half for an error.
constexpr std::size_t receive_bytes_max = std::size_t{1} << 30;

}  // namespace

void UringReactor::start(ConnectOperation& operation) noexcept {
  begin(operation);
  submit(operation);
}

void UringReactor::start(ReceiveIntoOperation& operation) noexcept {
  begin(operation);
  submit(operation);
}

void UringReactor::start(PollOperation& operation) noexcept {
  begin(operation);
  submit(operation);
}

void UringReactor::start(CloseOperation& operation) noexcept {
  begin(operation);
  submit(operation);
}

void UringReactor::begin(Operation& operation) noexcept {
  WEIR_ASSERT(!operation.in_flight() && operation.descriptor().fd >= 0);
  operation.backend_bits = 0;
  set_state(operation, Operation::State::submitted);
}

/// Queues it for the next enter.
void UringReactor::submit(Operation& operation) noexcept {
  io_uring_sqe* const entry = backlog_.empty() ? entry_for(operation) : nullptr;
  if (entry != nullptr) [[likely]]
    return prepare(operation, *entry);
  ++stats_.submissions_delayed;
  set(operation, OperationBit::backlog);
  backlog_.push_back(operation);
}

void UringReactor::submit_backlog() noexcept {
  while (!backlog_.empty()) {
    io_uring_sqe* const entry = entry_for(*backlog_.front());
    if (entry == nullptr) return;
    Operation& operation = backlog_.pop_front();
    clear(operation, OperationBit::backlog);
    prepare(operation, *entry);
  }
}

/// A full queue is submitted, without waiting, to make room. nullptr if the kernel takes nothing
/// now.
io_uring_sqe* UringReactor::next_entry(unsigned keep_free) noexcept {
  io_uring_sqe* entry = ring_.next_entry(keep_free);
  if (entry == nullptr) {
    enter({});
    entry = ring_.next_entry(keep_free);
  }
  return entry;
}

/// The same, and if it is a send room for its gather list.
io_uring_sqe* UringReactor::entry_for(const Operation& operation) noexcept {
  if (operation.kind() == OperationKind::send && !scratch_.has_room()) {
    enter({});
    if (!scratch_.has_room()) return nullptr;
  }
  return next_entry(cancel_margin_);
}

void UringReactor::prepare(Operation& operation, io_uring_sqe& entry) noexcept {
  Descriptor& descriptor = operation.descriptor();
  switch (operation.kind()) {
    case OperationKind::connect: {
      const Address& peer = static_cast<ConnectOperation&>(operation).peer;
      io_uring_prep_connect(&entry, descriptor.fd, peer.as_sockaddr(), peer.sockaddr_length());
      break;
    }
    case OperationKind::send:
      prepare_send(static_cast<SendOperation&>(operation), entry);
      break;
    case OperationKind::receive_into: {
      const auto destination = static_cast<ReceiveIntoOperation&>(operation).destination;
      const std::size_t bytes = std::min(destination.size(), receive_bytes_max);
      io_uring_prep_recv(&entry, descriptor.fd, destination.data(), bytes, 0);
      break;
    }
    case OperationKind::poll_fd: {
      const short events = static_cast<PollOperation&>(operation).events;
      io_uring_prep_poll_add(&entry, descriptor.fd, static_cast<unsigned short>(events));
      break;
    }
    case OperationKind::close:
      io_uring_prep_close(&entry, descriptor.fd);
      descriptor.fd = -1;
      break;
    case OperationKind::accept:
      prepare_accept(static_cast<AcceptSource&>(operation), entry);
      break;
    case OperationKind::receive:
      prepare_receive(static_cast<ReceiveSource&>(operation), entry);
      break;
    case OperationKind::receive_datagrams:
      prepare_datagrams(static_cast<DatagramSource&>(operation), entry);
      break;
    case OperationKind::send_datagrams:
      io_uring_prep_poll_add(&entry, descriptor.fd, POLLOUT);
      break;
  }
  entry.user_data = UserData(CompletionTag::operation, &operation).bits();
}

/// The kernel is done with the request. Unless a cancel still names the operation it is concluded.
void UringReactor::last_completion(Operation& operation, int result) noexcept {
  if (operation.kind() == OperationKind::receive) --receives_armed_;
  // The bit means something else for datagram sources.
  if (operation.kind() == OperationKind::send && has(operation, OperationBit::instant)) {
    unlist_instant(static_cast<SendOperation&>(operation));
  }
  if (has(operation, OperationBit::cancel_listed)) {
    clear(operation, OperationBit::cancel_listed);
    cancels_.remove(operation);
  }
  if (has(operation, OperationBit::cancel_asked)) {
    set(operation, OperationBit::ended);
    operation.result = result;
  } else {
    conclude(operation, result);
  }
}

/// Nothing in the kernel refers to the operation: it ends here, or is submitted again.
void UringReactor::conclude(Operation& operation, int result) noexcept {
  switch (operation.kind()) {
    case OperationKind::accept:
      return conclude_accept(static_cast<AcceptSource&>(operation), result);
    case OperationKind::receive:
      return conclude_receive(static_cast<ReceiveSource&>(operation), result);
    case OperationKind::send:
      return conclude_send(static_cast<SendOperation&>(operation), result);
    case OperationKind::receive_datagrams:
      return conclude_datagrams(static_cast<DatagramSource&>(operation), result);
    case OperationKind::send_datagrams:
      return conclude_datagram_send(static_cast<DatagramSendOperation&>(operation), result);
    case OperationKind::close:
      // The descriptor is gone whatever close says.
      return finish(operation, 0);
    case OperationKind::connect:
      return conclude_connect(static_cast<ConnectOperation&>(operation), result);
    case OperationKind::receive_into:
      if (result > 0) stats_.bytes += static_cast<std::size_t>(result);
      return finish(operation, result);
    case OperationKind::poll_fd:
      return finish(operation, result);
  }
  WEIR_UNREACHABLE();
}

/// A connect that waits for room in the backlog of a Unix listener does so in a thread of the
/// kernel's, where a cancel is a signal.
void UringReactor::conclude_connect(ConnectOperation& operation, int result) noexcept {
  if (result != -EINTR) return finish(operation, result);
  if (operation.state() == Operation::State::cancelling) return finish(operation, -ECANCELED);
  submit(operation);
}

/// Like Reactor::complete, but completions are counted where they are taken.
void UringReactor::finish(Operation& operation, int result) noexcept {
  WEIR_ASSERT(operation.in_flight());
  operation.result = result;
  set_state(operation, Operation::State::idle);
  notify(operation);
}

}  // namespace weir::reactor
