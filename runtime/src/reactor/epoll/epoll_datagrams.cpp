// Datagram sockets: registered for reading alone. An edge for each datagram that has left would
// cost more than the few times that a send waits for room.
#include <cerrno>

#include "reactor/datagram/datagram_operation.h"
#include "reactor/epoll/epoll_reactor.h"
#include "weir/base/assert.h"

namespace weir::reactor {
namespace {

constexpr std::uint32_t receive_events = EPOLLIN | EPOLLET;
constexpr std::uint32_t send_events = receive_events | EPOLLOUT;

constexpr std::uint8_t unsent_bit = 0x40;  // of `backend_bits`: in the list of that name

bool is_unsent(const Operation& operation) noexcept {
  return (operation.backend_bits & unsent_bit) != 0;
}

}  // namespace

/// \returns 0 or the errno
int EpollReactor::watch_datagrams(DatagramDescriptor& socket, std::uint32_t events) noexcept {
  const bool waits_for_room = events == send_events;
  if (socket.registered && socket.waits_for_room == waits_for_room) return 0;
  ++stats_.system_calls;
  const epoll_data_t tag{.ptr = static_cast<Descriptor*>(&socket)};
  const int error =
      socket.registered ? set_.modify(socket.fd, events, tag) : set_.add(socket.fd, events, tag);
  if (error != 0) return error;
  socket.registered = true;
  socket.waits_for_room = waits_for_room;
  return 0;
}

void EpollReactor::start(DatagramSource& source) noexcept {
  DatagramDescriptor& socket = source.socket();
  WEIR_ASSERT(!source.in_flight() && socket.reading == nullptr);
  source.end = DatagramSource::End::none;
  set_state(source, Operation::State::submitted);
  socket.reading = &source;
  const std::uint32_t events = socket.waits_for_room ? send_events : receive_events;
  if (const int error = watch_datagrams(socket, events)) {
    return finish_datagrams(source, DatagramSource::End::failed, -error);
  }
  if (source.is_full()) return finish_datagrams(source, DatagramSource::End::full, 0);
  if (source.until_drained) return serve_datagrams(source);
  if (socket.readable) pending_.push_back(socket);
}

void EpollReactor::serve_datagrams(DatagramSource& source) noexcept {
  DatagramDescriptor& socket = source.socket();
  if (socket.hang_up) source.has_error_event = true;
  socket.hang_up = false;
  const auto turn = datagrams_.receiver().receive(source, stats_.system_calls);
  if (turn.delivered) ++stats_.receives;
  stats_.datagrams += turn.messages;
  switch (turn.state) {
    case DatagramReceiver::State::drained:
      socket.readable = false;
      if (source.until_drained) return finish_datagrams(source, DatagramSource::End::stopped, 0);
      break;
    case DatagramReceiver::State::unread:
      pending_.push_back(socket);
      break;
    case DatagramReceiver::State::starved:
      starve(source);
      break;
    case DatagramReceiver::State::full:
      return finish_datagrams(source, DatagramSource::End::full, 0);
    case DatagramReceiver::State::failed:
      return finish_datagrams(source, DatagramSource::End::failed, -turn.errno_value);
  }
  if (turn.delivered) notify(source);
}

void EpollReactor::finish_datagrams(DatagramSource& source, DatagramSource::End end,
                                    int result) noexcept {
  source.end = end;
  if (is_starved(source)) unstarve(source);
  finish_reader(source, result);
}

bool EpollReactor::try_start(DatagramSendOperation& operation) noexcept {
  operation.result = 0;
  return datagrams_.sender().send(operation, DatagramSender::Extent::all, stats_.system_calls) ==
         DatagramSender::State::done;
}

bool EpollReactor::start(DatagramSendOperation& operation) noexcept {
  DatagramDescriptor& socket = operation.socket();
  WEIR_ASSERT(!operation.in_flight() && socket.writing == nullptr);
  operation.result = 0;
  if (go_on_sending(operation)) return true;
  set_state(operation, Operation::State::submitted);
  socket.writing = &operation;
  return false;
}

/// \returns true if it is done; else it waits for room or for the next turn
bool EpollReactor::go_on_sending(DatagramSendOperation& operation) noexcept {
  const auto state =
      datagrams_.sender().send(operation, DatagramSender::Extent::turn, stats_.system_calls);
  if (state == DatagramSender::State::done) return true;
  if (state == DatagramSender::State::turn_over) {
    operation.backend_bits |= unsent_bit;
    unsent_.push_back(operation);
    return false;
  }
  const int error = watch_datagrams(operation.socket(), send_events);
  if (error != 0) operation.outcome.refused = from_errno(error);
  return error != 0;
}

void EpollReactor::serve_datagram_send(DatagramSendOperation& operation) noexcept {
  DatagramDescriptor& socket = operation.socket();
  socket.writable = false;
  if (is_unsent(operation)) return;  // has had its turn
  if (!go_on_sending(operation)) return;
  stop_waiting_for_room(socket);
  finish_writer(operation, 0);
}

/// Those that were waiting before this poll, once each, as far as the turn goes.
void EpollReactor::serve_unsent() noexcept {
  const DatagramSender& sender = datagrams_.sender();
  for (std::size_t count = unsent_.size(); count > 0 && sender.has_turn_left(); --count) {
    auto& operation = static_cast<DatagramSendOperation&>(unsent_.pop_front());
    operation.backend_bits &= static_cast<std::uint8_t>(~unsent_bit);
    serve_datagram_send(operation);
  }
}

void EpollReactor::cancel_datagram_send(DatagramSendOperation& operation) noexcept {
  if (is_unsent(operation)) {
    operation.backend_bits &= static_cast<std::uint8_t>(~unsent_bit);
    unsent_.remove(operation);
  }
  stop_waiting_for_room(operation.socket());
  finish_writer(operation, -ECANCELED);
}

void EpollReactor::stop_waiting_for_room(DatagramDescriptor& socket) noexcept {
  // Should it fail, there are edges for nothing.
  if (socket.waits_for_room) (void)watch_datagrams(socket, receive_events);
}

}  // namespace weir::reactor
