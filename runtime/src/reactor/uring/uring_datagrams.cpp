// Datagram sockets: the ring says when there is something to read (one multishot poll a socket),
// and recvmmsg(2) reads it, up to 32 at once.
//
// Multishot recvmsg only for what comes one at a time (uring_lone_datagrams.cpp): docs/design/0004
// has the figures. A datagram source is armed in the kernel
// as long as it is in flight, also while it waits for its turn or for memory.
#include <poll.h>

#include <cerrno>
#include <utility>

#include "reactor/datagram/datagram_operation.h"
#include "reactor/datagram/error_queue.h"
#include "reactor/uring/operation_bits.h"
#include "reactor/uring/uring_reactor.h"
#include "weir/base/assert.h"

namespace weir::reactor {

void UringReactor::start(DatagramSource& source) noexcept {
  begin(source);
  source.end = DatagramSource::End::none;
  source.failure = 0;
  if (source.is_full()) return end_datagrams(source, DatagramSource::End::full, 0);
  if (!source.until_drained) return submit(source);

  const auto turn = receive_datagrams(source);
  switch (turn.state) {
    case DatagramReceiver::State::unread:
      return submit(source);  // on with the next completion, which comes at once
    case DatagramReceiver::State::drained:
      return end_datagrams(source, DatagramSource::End::stopped, 0);
    case DatagramReceiver::State::full:
      return end_datagrams(source, DatagramSource::End::full, 0);
    case DatagramReceiver::State::failed:
      return end_datagrams(source, DatagramSource::End::failed, -turn.errno_value);
    case DatagramReceiver::State::starved:
      break;  // not what is drained
  }
  WEIR_UNREACHABLE();
}

void UringReactor::deliver_datagrams(DatagramSource& source,
                                     const Completion& completion) noexcept {
  if (has(source, OperationBit::lone)) return deliver_lone(source, completion);
  if (completion.result < 0) return;
  if ((completion.result & POLLERR) != 0) source.has_error_event = true;
  // In a list it has had its turn, or has no memory to take one; being stopped it takes none.
  const bool is_listed = has(source, OperationBit::unread) || has(source, OperationBit::starved);
  if (is_listed || has(source, OperationBit::full) ||
      source.state() == Operation::State::cancelling) {
    return;
  }
  serve_datagrams(source, completion.more());
}

DatagramReceiver::Turn UringReactor::receive_datagrams(DatagramSource& source) noexcept {
  // What was received before comes before.
  if (!parked_.empty() && !deliver_parked(source)) {
    if (source.is_full()) return {.state = DatagramReceiver::State::full};
    if (!source.until_drained) return {.state = DatagramReceiver::State::starved};
    discard_parked(source);
  }
  const auto turn = datagrams_.receiver().receive(source, stats_.system_calls);
  stats_.datagrams += turn.messages;
  source.pace.count_turn(turn.messages, source.expects_large);
  return turn;
}

/// \param armed the kernel will say when more comes
void UringReactor::serve_datagrams(DatagramSource& source, bool armed) noexcept {
  const auto turn = receive_datagrams(source);
  if (turn.delivered) {
    ++stats_.receives;
    notify(source);
  }
  // A source that is not armed is concluded next, and goes on from there.
  if (!armed) {
    if (turn.state == DatagramReceiver::State::failed) source.failure = -turn.errno_value;
    const bool is_dry = turn.state == DatagramReceiver::State::drained;
    if (source.until_drained && is_dry) set(source, OperationBit::full);
    return;
  }
  switch (turn.state) {
    case DatagramReceiver::State::drained:
      if (source.until_drained) break;
      // Concluded, it is submitted anew, for the kernel to receive.
      if (may_receive_lone(source)) request_cancel(source);
      return;
    case DatagramReceiver::State::unread:
      set(source, OperationBit::unread);
      return unread_.push_back(source);
    case DatagramReceiver::State::starved:
      ++stats_.buffers_wanted;
      datagrams_.trim();  // what it keeps ready may be all there is
      set(source, OperationBit::starved);
      return starved_datagrams_.push_back(source);
    case DatagramReceiver::State::full:
      break;
    case DatagramReceiver::State::failed:
      source.failure = -turn.errno_value;
      break;
  }
  set(source, OperationBit::full);
  request_cancel(source);
}

/// Those that were waiting before this poll, once each.
void UringReactor::serve_waiting_datagrams() noexcept {
  for (std::size_t count = unread_.size(); count > 0; --count) {
    auto& source = static_cast<DatagramSource&>(unread_.pop_front());
    clear(source, OperationBit::unread);
    serve_datagrams(source, true);
  }
  if (starved_datagrams_.empty()) return;
  if (pool_.can_acquire() || pool_.compact() > 0) {
    pool_.remove_waiter(datagram_wait_);
    for (std::size_t count = starved_datagrams_.size(); count > 0 && pool_.can_acquire(); --count) {
      auto& source = static_cast<DatagramSource&>(starved_datagrams_.pop_front());
      clear(source, OperationBit::starved);
      serve_datagrams(source, true);
    }
  }
  if (!starved_datagrams_.empty()) pool_.add_waiter(datagram_wait_);
}

void UringReactor::unlist_datagrams(DatagramSource& source) noexcept {
  if (has(source, OperationBit::unread)) {
    clear(source, OperationBit::unread);
    unread_.remove(source);
  } else if (has(source, OperationBit::starved)) {
    clear(source, OperationBit::starved);
    starved_datagrams_.remove(source);
    if (starved_datagrams_.empty()) pool_.remove_waiter(datagram_wait_);
  }
}

void UringReactor::conclude_datagrams(DatagramSource& source, int result) noexcept {
  unlist_datagrams(source);
  const bool was_lone = has(source, OperationBit::lone);
  clear(source, OperationBit::lone);
  if (const int failure = std::exchange(source.failure, 0)) {
    return end_datagrams(source, DatagramSource::End::failed, failure);
  }
  const bool is_drained = source.until_drained && has(source, OperationBit::full);
  if (source.state() == Operation::State::cancelling || (is_drained && !source.is_full())) {
    return end_datagrams(source, DatagramSource::End::stopped, 0);
  }
  // A receive by the kernel has told its failure already.
  const bool goes_on = was_lone || result >= 0 || result == -ECANCELED || result == -EINTR;
  if (!goes_on) {
    return end_datagrams(source, DatagramSource::End::failed, result);
  }
  if (source.is_full()) return end_datagrams(source, DatagramSource::End::full, 0);
  // Its owner consumed while it was being stopped, or the kernel ended it for reasons of its own.
  clear(source, OperationBit::full);
  ++stats_.sources_rearmed;
  submit(source);
}

void UringReactor::end_datagrams(DatagramSource& source, DatagramSource::End end,
                                 int result) noexcept {
  source.end = end;
  finish(source, result);
}

bool UringReactor::try_start(DatagramSendOperation& operation) noexcept {
  operation.result = 0;
  return datagrams_.sender().send(operation, DatagramSender::Extent::all, stats_.system_calls) ==
         DatagramSender::State::done;
}

bool UringReactor::start(DatagramSendOperation& operation) noexcept {
  operation.result = 0;
  const auto state =
      datagrams_.sender().send(operation, DatagramSender::Extent::turn, stats_.system_calls);
  if (state == DatagramSender::State::done) return true;
  begin(operation);
  go_on_sending(operation, state);
  return false;
}

void UringReactor::go_on_sending(DatagramSendOperation& operation,
                                 DatagramSender::State state) noexcept {
  switch (state) {
    case DatagramSender::State::done:
      return finish(operation, 0);
    case DatagramSender::State::no_room:
      return submit(operation);
    case DatagramSender::State::turn_over:
      set(operation, OperationBit::unsent);
      return unsent_.push_back(operation);
  }
  WEIR_UNREACHABLE();
}

/// Those that were waiting before this poll, once each, as far as the turn goes.
void UringReactor::serve_unsent() noexcept {
  DatagramSender& sender = datagrams_.sender();
  for (std::size_t count = unsent_.size(); count > 0 && sender.has_turn_left(); --count) {
    auto& operation = static_cast<DatagramSendOperation&>(unsent_.pop_front());
    clear(operation, OperationBit::unsent);
    go_on_sending(operation,
                  sender.send(operation, DatagramSender::Extent::turn, stats_.system_calls));
  }
}

void UringReactor::conclude_datagram_send(DatagramSendOperation& operation, int result) noexcept {
  if (operation.state() == Operation::State::cancelling) return finish(operation, -ECANCELED);
  if (result < 0 && result != -EINTR) {
    operation.outcome.refused = from_errno(-result);
    return finish(operation, 0);
  }
  // What is in the error queue would end each poll at once.
  if (result > 0 && (result & POLLERR) != 0 && operation.socket().has_error_queue) {
    drain_error_queue(operation.socket(), stats_.system_calls);
  }
  go_on_sending(operation, datagrams_.sender().send(operation, DatagramSender::Extent::turn,
                                                    stats_.system_calls));
}

}  // namespace weir::reactor
