// Cancelling. A request to the kernel names the operation by its user data, and is answered by a
// completion of its own; the operation still has its own last one. It is concluded after both.
//
// A cancel never fails: it may use the margin of the submission queue that nothing else uses, and
// one that finds no entry even so is the first thing that the next poll submits.
#include <cerrno>

#include "reactor/uring/operation_bits.h"
#include "reactor/uring/uring_reactor.h"
#include "reactor/uring/user_data.h"

namespace weir::reactor {

void UringReactor::cancel(Operation& operation) noexcept {
  if (operation.state() != Operation::State::submitted) return;
  if (operation.kind() == OperationKind::close) return;  // is not to be cancelled
  set_state(operation, Operation::State::cancelling);
  if (operation.kind() == OperationKind::receive_datagrams) {
    unlist_datagrams(static_cast<DatagramSource&>(operation));
  }
  if (has(operation, OperationBit::backlog)) {
    clear(operation, OperationBit::backlog);
    backlog_.remove(operation);
    conclude(operation, -ECANCELED);
  } else if (has(operation, OperationBit::starved)) {
    unstarve(static_cast<ReceiveSource&>(operation));
    conclude(operation, -ECANCELED);
  } else if (operation.kind() == OperationKind::send_datagrams &&
             has(operation, OperationBit::unsent)) {
    clear(operation, OperationBit::unsent);
    unsent_.remove(operation);
    conclude(operation, -ECANCELED);
  } else if (operation.kind() == OperationKind::send && has(operation, OperationBit::instant)) {
    static_cast<SendOperation&>(operation).awaited = true;  // over as soon as it is submitted
  } else {
    request_cancel(operation);
  }
}

/// Precondition: the kernel has the operation, or will have it with the next enter.
void UringReactor::request_cancel(Operation& operation) noexcept {
  if (has(operation, OperationBit::cancel_asked) || has(operation, OperationBit::cancel_listed)) {
    return;
  }
  io_uring_sqe* const entry = cancels_.empty() ? next_entry(0) : nullptr;
  if (entry == nullptr) {
    set(operation, OperationBit::cancel_listed);
    return cancels_.push_back(operation);
  }
  prepare_cancel(operation, *entry);
}

void UringReactor::prepare_cancel(Operation& operation, io_uring_sqe& entry) noexcept {
  set(operation, OperationBit::cancel_asked);
  io_uring_prep_cancel64(&entry, UserData(CompletionTag::operation, &operation).bits(), 0);
  entry.user_data = UserData(CompletionTag::cancel, &operation).bits();
}

void UringReactor::submit_cancels() noexcept {
  // Each once: those that find no entry come back to the list.
  for (std::size_t count = cancels_.size(); count > 0; --count) {
    io_uring_sqe* const entry = next_entry(0);
    if (entry == nullptr) return;
    Operation& operation = cancels_.pop_front();
    clear(operation, OperationBit::cancel_listed);
    prepare_cancel(operation, *entry);
  }
}

void UringReactor::cancel_answered(Operation& operation, int result) noexcept {
  clear(operation, OperationBit::cancel_asked);
  if (has(operation, OperationBit::ended)) {
    clear(operation, OperationBit::ended);
    return conclude(operation, operation.result);
  }
  // Not found, although its last completion has not come: the kernel was just between waiting and
  // receiving. Each new try needs an enter in which that goes on, so this comes to an end.
  if (result == -ENOENT || result == -EALREADY) {
    set(operation, OperationBit::cancel_listed);
    cancels_.push_back(operation);
  }
}

}  // namespace weir::reactor
