// The best echo and discard server we can write by hand on epoll: the yardstick of weir's epoll
// backend. It shares no code with weir, so that a cost of the runtime cannot hide in both.
//
//     epoll_wait -> for each ready socket: recv until short -> send at once -> epoll_wait ...
//
// One thread, edge-triggered, every socket registered once for reading and writing. It answers
// speculatively: send() follows recv() without asking whether the socket is writable, and only what
// the kernel refuses is copied aside and sent on EPOLLOUT. While a connection has such a rest it is
// not read from, so a peer that never reads costs at most one receive buffer.
//
//     raw_epoll echo|discard [--port N] [--cpu N] [--size BYTES] [--codec raw|len32]
//
// With --codec len32 the echo is one of frames: each length is read and checked, each whole frame
// written anew behind a length of its own, and what a wake-up answers leaves in one send. The front
// of a frame whose end is missing is copied aside.
//
// Prints `READY 127.0.0.1:PORT`; on SIGTERM or SIGINT one line of JSON with what it counted.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "len32_frames.h"
#include "peer_process.h"

namespace {

using peer::fail;

// One buffer for all: an echo needs the bytes only until send() returns. Larger than what a default
// socket buffer usually holds, so that one recv() drains it; a quarter of a common L2 cache.
constexpr std::size_t receive_buffer_bytes = 256UL * 1024;

// A connection that floods gives way to the others after this much.
constexpr std::size_t turn_bytes_max = 16 * receive_buffer_bytes;

constexpr int events_max = 512;

static_assert(2 * peer::frame_bytes_max <= receive_buffer_bytes);

// Indexed by descriptor. All zero is an idle connection: nothing is allocated for it.
struct Connection {
  char* rest;              // what the kernel did not take, malloc'ed; null almost always
  std::size_t rest_begin;  // the part of `rest` that is still to be sent
  std::size_t rest_end;
  peer::PartialFrame partial;
};

peer::ServerOptions options;
bool is_framed;
peer::ServerCounters counters;
Connection* connections;
int epoll_fd, listener_fd, signal_fd;
bool listener_starved;  // accept() ran out of descriptors: try again after the next close
char receive_buffer[receive_buffer_bytes];
char reply_buffer[receive_buffer_bytes];

void accept_all();

void close_connection(int fd) {
  std::free(connections[fd].rest);
  connections[fd].partial.clear();
  connections[fd] = {};
  counters.syscalls++;
  close(fd);
  if (listener_starved) accept_all();
}

// Sends what it can at once. True when the kernel took all of it.
bool send_now(int fd, const char* bytes, std::size_t length, std::size_t* sent) {
  *sent = 0;
  while (*sent < length) {
    counters.syscalls++;
    counters.sends++;
    const ssize_t n = send(fd, bytes + *sent, length - *sent, MSG_NOSIGNAL);
    if (n >= 0) {
      *sent += static_cast<std::size_t>(n);
    } else if (errno == EAGAIN) {
      counters.partial_sends++;
      return true;
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

void keep_rest(Connection& connection, const char* bytes, std::size_t length) {
  connection.rest = static_cast<char*>(std::malloc(length));
  if (connection.rest == nullptr) fail("malloc");
  std::memcpy(connection.rest, bytes, length);
  connection.rest_begin = 0;
  connection.rest_end = length;
}

// Puts the partial frame to the front of the receive buffer. The connection keeps its copy until
// more has arrived. \returns its size.
std::size_t resume_partial(const Connection& connection) {
  const peer::PartialFrame& partial = connection.partial;
  if (partial.length > 0) std::memcpy(receive_buffer, partial.bytes, partial.length);
  return partial.length;
}

// Answers the first `length` bytes of the receive buffer. False if the connection is to be closed.
bool answer(int fd, std::size_t length) {
  Connection& connection = connections[fd];
  const char* reply = receive_buffer;
  bool refused = false;
  if (is_framed) {
    const peer::Reframed done = peer::reframe(receive_buffer, length, reply_buffer);
    connection.partial.keep(receive_buffer + done.consumed_bytes, length - done.consumed_bytes);
    reply = reply_buffer;
    length = done.reply_bytes;
    refused = done.refused;
  }
  std::size_t sent = 0;
  if (!send_now(fd, reply, length, &sent) || refused) return false;
  if (sent < length) keep_rest(connection, reply + sent, length - sent);
  return true;
}

// Lets the kernel look again and queue a new event if there is still something to read: how a
// connection that used up its share of the turn gets to the back of the queue.
void requeue(int fd) {
  epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.fd = fd}};
  counters.syscalls++;
  if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, fd, &event) != 0) fail("epoll_ctl");
}

// Reads and answers until the socket is empty. A read that does not fill the buffer says that it
// is, which saves the recv() that would return EAGAIN (epoll(7), question 9); not so if the event
// announced the end of the stream or an error, which come after the data: then `until_end`.
void receive_all(int fd, bool until_end) {
  Connection& connection = connections[fd];
  for (std::size_t turn_bytes = 0; turn_bytes < turn_bytes_max;) {
    const std::size_t held = resume_partial(connection);
    const std::size_t room = receive_buffer_bytes - held;
    counters.syscalls++;
    const ssize_t n = recv(fd, receive_buffer + held, room, 0);
    if (n < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) close_connection(fd);
      return;
    }
    if (n == 0) return close_connection(fd);

    const auto length = static_cast<std::size_t>(n);
    counters.receives++;
    counters.bytes_received += length;
    turn_bytes += length;
    if (!options.discard) {
      if (!answer(fd, held + length)) return close_connection(fd);
      if (connection.rest != nullptr) return;
    }
    if (length < room && !until_end) return;
  }
  requeue(fd);
}

// The socket may be writable again: sends the rest, then goes on reading, because the edge that
// announced more input was ignored while there was a rest.
void send_rest(int fd) {
  Connection& connection = connections[fd];
  std::size_t sent = 0;
  if (!send_now(fd, connection.rest + connection.rest_begin,
                connection.rest_end - connection.rest_begin, &sent)) {
    return close_connection(fd);
  }
  connection.rest_begin += sent;
  if (connection.rest_begin < connection.rest_end) return;
  std::free(connection.rest);
  connection.rest = nullptr;
  receive_all(fd, /*until_end=*/true);
}

void accept_all() {
  listener_starved = false;
  for (;;) {
    counters.syscalls++;
    const int fd = accept4(listener_fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno == EMFILE || errno == ENFILE) listener_starved = true;
      return;
    }
    counters.connections++;
    epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.fd = fd}};
    counters.syscalls++;
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
  }
}

void handle(const epoll_event& event) {
  const int fd = event.data.fd;
  constexpr std::uint32_t ending = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
  if (fd == listener_fd) {
    accept_all();
  } else if (connections[fd].rest != nullptr) {
    if ((event.events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) send_rest(fd);
  } else if ((event.events & (EPOLLIN | ending)) != 0) {
    receive_all(fd, (event.events & ending) != 0);
  }
}

void run() {
  static epoll_event events[events_max];
  for (;;) {
    counters.syscalls++;
    counters.waits++;
    const int count = epoll_wait(epoll_fd, events, events_max, -1);
    if (count < 0 && errno != EINTR) fail("epoll_wait");
    for (int i = 0; i < count; i++) {
      if (events[i].data.fd == signal_fd) return;
      handle(events[i]);
    }
  }
}

void watch(int fd, std::uint32_t events) {
  epoll_event event = {.events = events, .data = {.fd = fd}};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
}

void parse(int count, char** values) {
  peer::Arguments arguments = {
      count, values,
      "usage: raw_epoll echo|discard [--port N] [--cpu N] [--size BYTES] [--codec raw|len32]\n"};
  options.discard = arguments.either("discard", "echo");
  while (const char* flag = arguments.next()) {
    if (std::strcmp(flag, "--codec") == 0) {
      is_framed = arguments.either("len32", "raw");
    } else if (!options.take(flag, arguments)) {
      arguments.usage();
    }
  }
  if (is_framed && options.discard) arguments.usage();
}

}  // namespace

int main(int count, char** values) {
  parse(count, values);
  peer::pin_to_cpu(options.cpu);
  connections = peer::reserve<Connection>(peer::raise_descriptors_max());
  signal_fd = peer::open_stop_signals();
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_fd < 0) fail("epoll_create1");
  watch(signal_fd, EPOLLIN);
  listener_fd = peer::listen_on_loopback(options.port, SOCK_NONBLOCK);
  watch(listener_fd, EPOLLIN | EPOLLET);
  run();
  peer::begin_report("raw_epoll", options, counters).end();
}
