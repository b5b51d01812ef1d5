// The echo and discard server as an experienced user of libuv writes it.
//
//     read callback -> uv_try_write -> (only if it falls short: uv_read_stop, uv_write)
//
// All connections read into one buffer: uv_try_write() is done with the bytes when it returns. What
// it leaves is copied aside and given to uv_write(), and the connection is not read from until that
// is through. So nothing is allocated per request, and a peer that never reads costs one buffer.
//
//     uv echo|discard [--port N] [--cpu N] [--size BYTES] [--codec raw|len32 [--write-each]]
//
// Prints `READY 127.0.0.1:PORT`; on SIGTERM or SIGINT one line of JSON with what it counted.
#include <uv.h>

#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "len32_frames.h"
#include "library_server.h"

namespace {

// As large as that of raw_epoll, for the same reasons. libuv reads again when it was filled.
constexpr std::size_t receive_buffer_bytes = 256UL * 1024;
static_assert(2 * peer::frame_bytes_max <= receive_buffer_bytes);

struct Connection {
  uv_tcp_t handle;  // first: libuv's callbacks get its address
  uv_write_t write;
  char* rest;  // what the kernel did not take, while `write` is under way
  peer::PartialFrame partial;
  bool is_last_answer;
};

peer::StreamServerOptions options;
peer::ServerCounters counters;
char receive_buffer[receive_buffer_bytes];
char reply_buffer[receive_buffer_bytes];

void check(int result, const char* what) {
  if (result < 0) peer::fail(what, -result);
}

Connection& connection_of(void* handle) { return *static_cast<Connection*>(handle); }
uv_stream_t* stream_of(Connection& connection) {
  return reinterpret_cast<uv_stream_t*>(&connection.handle);
}

char* copy_of(const char* bytes, std::size_t length) {
  auto* copy = static_cast<char*>(std::malloc(length));
  if (copy == nullptr) peer::fail("malloc");
  std::memcpy(copy, bytes, length);
  return copy;
}

void close_connection(Connection& connection) {
  auto* handle = reinterpret_cast<uv_handle_t*>(&connection.handle);
  if (uv_is_closing(handle) != 0) return;
  uv_close(handle, [](uv_handle_t* closed) {
    std::free(connection_of(closed).rest);
    connection_of(closed).partial.clear();
    std::free(closed);
  });
}

// The front of a frame goes to the front of the buffer, and what is read follows it.
void provide_buffer(uv_handle_t* handle, std::size_t /*suggested*/, uv_buf_t* buffer) {
  const peer::PartialFrame& partial = connection_of(handle).partial;
  const std::size_t held = partial.length;
  if (held != 0) std::memcpy(receive_buffer, partial.bytes, held);
  *buffer = uv_buf_init(receive_buffer + held, static_cast<unsigned>(receive_buffer_bytes - held));
}

void start_reading(Connection& connection);

void finish_write(uv_write_t* write, int status) {
  Connection& connection = connection_of(write->handle);
  std::free(connection.rest);
  connection.rest = nullptr;
  if (status < 0 || connection.is_last_answer) return close_connection(connection);
  start_reading(connection);
}

void send(Connection& connection, const char* bytes, std::size_t length) {
  counters.sends++;
  uv_buf_t buffer = uv_buf_init(const_cast<char*>(bytes), static_cast<unsigned>(length));
  const int n = uv_try_write(stream_of(connection), &buffer, 1);
  if (n < 0 && n != UV_EAGAIN) return close_connection(connection);
  const std::size_t sent = n < 0 ? 0 : static_cast<std::size_t>(n);
  if (sent == length) {
    if (connection.is_last_answer) close_connection(connection);
    return;
  }
  counters.partial_sends++;
  uv_read_stop(stream_of(connection));
  connection.rest = copy_of(bytes + sent, length - sent);
  buffer = uv_buf_init(connection.rest, static_cast<unsigned>(length - sent));
  if (uv_write(&connection.write, stream_of(connection), &buffer, 1, finish_write) < 0) {
    close_connection(connection);
  }
}

// One system call a frame, as a server does it that writes each answer when it has it. Returns how
// many bytes were taken: less than all if the kernel has no room.
std::size_t send_each(Connection& connection, char* bytes, std::size_t length) {
  std::size_t sent = 0;
  while (sent < length) {
    std::uint32_t field = 0;
    std::memcpy(&field, bytes + sent, sizeof field);
    const unsigned frame_bytes = static_cast<unsigned>(peer::prefix_bytes) + ntohl(field);
    uv_buf_t buffer = uv_buf_init(bytes + sent, frame_bytes);
    counters.sends++;
    const int n = uv_try_write(stream_of(connection), &buffer, 1);
    if (n > 0) sent += static_cast<std::size_t>(n);
    if (n != static_cast<int>(frame_bytes)) break;
  }
  return sent;
}

void answer_frames(Connection& connection, std::size_t length) {
  const peer::Reframed done = peer::reframe(receive_buffer, length, reply_buffer);
  connection.partial.keep(receive_buffer + done.consumed_bytes, length - done.consumed_bytes);
  connection.is_last_answer = done.refused;
  std::size_t sent = 0;
  if (options.writes_each) sent = send_each(connection, reply_buffer, done.reply_bytes);
  if (sent < done.reply_bytes) {
    send(connection, reply_buffer + sent, done.reply_bytes - sent);
  } else if (done.refused) {
    close_connection(connection);
  }
}

void receive(uv_stream_t* stream, ssize_t n, const uv_buf_t* buffer) {
  Connection& connection = connection_of(stream);
  if (n == 0) return;  // nothing there after all
  if (n < 0) return close_connection(connection);
  const auto length = static_cast<std::size_t>(n);
  counters.receives++;
  counters.bytes_received += length;
  if (options.discard) return;
  if (options.is_framed) return answer_frames(connection, connection.partial.length + length);
  send(connection, buffer->base, length);
}

void start_reading(Connection& connection) {
  if (uv_read_start(stream_of(connection), provide_buffer, receive) < 0) {
    close_connection(connection);
  }
}

void accept_one(uv_stream_t* listener, int status) {
  if (status == UV_ECONNABORTED) return;
  check(status, "accept");
  auto* connection = static_cast<Connection*>(std::calloc(1, sizeof(Connection)));
  if (connection == nullptr) peer::fail("calloc");
  check(uv_tcp_init(listener->loop, &connection->handle), "uv_tcp_init");
  check(uv_accept(listener, stream_of(*connection)), "uv_accept");
  counters.connections++;
  uv_tcp_nodelay(&connection->handle, 1);
  start_reading(*connection);
}

void stop(uv_signal_t* handle, int /*number*/) { uv_stop(handle->loop); }

void serve() {
  std::signal(SIGPIPE, SIG_IGN);  // libuv leaves this to the program
  static uv_loop_t loop;          // ends with the process
  check(uv_loop_init(&loop), "uv_loop_init");
  static uv_signal_t signals[2];
  for (int i = 0; i < 2; i++) {
    check(uv_signal_init(&loop, &signals[i]), "uv_signal_init");
    check(uv_signal_start(&signals[i], stop, i == 0 ? SIGINT : SIGTERM), "uv_signal_start");
  }

  static uv_tcp_t listener;  // libuv sets SO_REUSEADDR when it binds
  sockaddr_in address = {};
  check(uv_ip4_addr("127.0.0.1", static_cast<int>(options.port), &address), "uv_ip4_addr");
  check(uv_tcp_init(&loop, &listener), "uv_tcp_init");
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  check(uv_tcp_bind(&listener, generic, 0), "bind");
  check(uv_listen(reinterpret_cast<uv_stream_t*>(&listener), 4096, accept_one), "listen");
  int length = sizeof address;
  check(uv_tcp_getsockname(&listener, generic, &length), "getsockname");
  peer::print_ready(ntohs(address.sin_port));
  uv_run(&loop, UV_RUN_DEFAULT);
}

}  // namespace

int main(int count, char** values) {
  options = peer::parse_stream_server(count, values,
                                      "usage: uv echo|discard [--port N] [--cpu N] [--size BYTES] "
                                      "[--codec raw|len32 [--write-each]]\n",
                                      true);
  peer::pin_to_cpu(options.cpu);
  peer::raise_descriptors_max();
  serve();
  peer::begin_report("uv", options, counters).end();
}
