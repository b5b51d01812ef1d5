// The echo and discard server as an experienced user of libevent writes it, on bufferevents.
//
//     read callback -> evbuffer_write -> (only if it falls short: bufferevent_write_buffer)
//
// The answer is written to the socket at once, which saves the two epoll_ctl() and the wake-up that
// the write event of a bufferevent costs. What the kernel refuses moves to the output buffer, in
// whole pieces, not copied, and reading stops until it is written.
//
// libevent 2.1 asks before each read how much there is (FIONREAD) and reads 4096 bytes at most,
// whatever bufferevent_set_max_single_read() says (EVBUFFER_MAX_READ in its buffer.c): that is what
// large messages cost here.
//
//     evt echo|discard [--port N] [--cpu N] [--size BYTES] [--codec raw|len32]
//
// Prints `READY 127.0.0.1:PORT`; on SIGTERM or SIGINT one line of JSON with what it counted.
#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstdint>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include "len32_frames.h"
#include "library_server.h"

namespace {

peer::StreamServerOptions options;
peer::ServerCounters counters;
evbuffer* reply;  // empty between two callbacks

void end_connection(bufferevent* connection, short /*what*/, void* /*context*/) {
  // End of stream or error. There is no answer left to send: reading is off while there is one.
  bufferevent_free(connection);
}

void receive(bufferevent* connection, void* context);

void resume(bufferevent* connection, void* /*context*/) {
  bufferevent_setcb(connection, receive, nullptr, end_connection, nullptr);
  bufferevent_enable(connection, EV_READ);
}

void finish(bufferevent* connection, void* /*context*/) { bufferevent_free(connection); }

// Sends what is in `bytes`, which is left empty; `then` is called once it is written if that cannot
// be at once. \returns whether it was.
bool send(bufferevent* connection, evbuffer* bytes, bufferevent_data_cb then) {
  counters.sends++;
  evbuffer_write(bytes, bufferevent_getfd(connection));  // an error will be met again
  if (evbuffer_get_length(bytes) == 0) return true;
  counters.partial_sends++;
  bufferevent_disable(connection, EV_READ);
  bufferevent_setcb(connection, receive, then, end_connection, nullptr);
  bufferevent_write_buffer(connection, bytes);
  return false;
}

// Lets the next callback wait for the whole of the frame that `input` begins with.
void expect_frame(bufferevent* connection, evbuffer* input) {
  std::uint32_t field = 0;
  std::size_t bytes = 0;
  if (evbuffer_copyout(input, &field, sizeof field) == sizeof field) {
    bytes = peer::prefix_bytes + ntohl(field);
  }
  bufferevent_setwatermark(connection, EV_READ, bytes, 0);
}

void answer_frames(bufferevent* connection, evbuffer* input) {
  const std::size_t length = evbuffer_get_length(input);
  const auto* bytes = reinterpret_cast<const char*>(evbuffer_pullup(input, -1));
  evbuffer_iovec room = {};
  if (bytes == nullptr ||
      evbuffer_reserve_space(reply, static_cast<ev_ssize_t>(length), &room, 1) != 1) {
    peer::fail("malloc");
  }
  const peer::Reframed done = peer::reframe(bytes, length, static_cast<char*>(room.iov_base));
  room.iov_len = done.reply_bytes;
  evbuffer_commit_space(reply, &room, 1);
  evbuffer_drain(input, done.consumed_bytes);
  if (done.refused) {
    if (send(connection, reply, finish)) bufferevent_free(connection);
    return;
  }
  expect_frame(connection, input);
  if (done.reply_bytes != 0) send(connection, reply, resume);
}

void receive(bufferevent* connection, void* /*context*/) {
  evbuffer* input = bufferevent_get_input(connection);
  const std::size_t length = evbuffer_get_length(input);
  counters.receives++;
  if (options.is_framed) {
    answer_frames(connection, input);
    return;
  }
  counters.bytes_received += length;
  if (options.discard) {
    evbuffer_drain(input, length);
  } else {
    send(connection, input, resume);
  }
}

void accept_one(evconnlistener* listener, evutil_socket_t fd, sockaddr* /*from*/, int /*length*/,
                void* /*context*/) {
  counters.connections++;
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  bufferevent* connection =
      bufferevent_socket_new(evconnlistener_get_base(listener), fd, BEV_OPT_CLOSE_ON_FREE);
  if (connection == nullptr) peer::fail("bufferevent_socket_new");
  bufferevent_setcb(connection, receive, nullptr, end_connection, nullptr);
  bufferevent_enable(connection, EV_READ);
}

void stop(evutil_socket_t /*number*/, short /*what*/, void* base) {
  event_base_loopbreak(static_cast<event_base*>(base));
}

event_base* new_base() {
  event_config* config = event_config_new();
  // One thread; and changes to what epoll watches are gathered until it is asked again.
  event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
  event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
  event_base* base = event_base_new_with_config(config);
  if (base == nullptr) peer::fail("event_base_new_with_config");
  event_config_free(config);
  return base;
}

void serve() {
  std::signal(SIGPIPE, SIG_IGN);  // libevent leaves this to the program
  event_base* base = new_base();
  for (const int number : {SIGINT, SIGTERM}) {
    event_add(evsignal_new(base, number, stop, base), nullptr);
  }
  reply = evbuffer_new();

  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(options.port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  evconnlistener* listener =
      evconnlistener_new_bind(base, accept_one, nullptr, LEV_OPT_REUSEABLE | LEV_OPT_CLOSE_ON_FREE,
                              4096, generic, sizeof address);
  if (listener == nullptr) peer::fail("bind");
  evconnlistener_set_error_cb(listener, [](evconnlistener*, void*) { peer::fail("accept"); });
  socklen_t length = sizeof address;
  if (getsockname(evconnlistener_get_fd(listener), generic, &length) != 0) {
    peer::fail("getsockname");
  }
  peer::print_ready(ntohs(address.sin_port));
  event_base_dispatch(base);
}

}  // namespace

int main(int count, char** values) {
  options = peer::parse_stream_server(
      count, values,
      "usage: evt echo|discard [--port N] [--cpu N] [--size BYTES] [--codec raw|len32]\n");
  peer::pin_to_cpu(options.cpu);
  peer::raise_descriptors_max();
  serve();
  peer::begin_report("evt", options, counters).end();
}
