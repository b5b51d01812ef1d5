// The echo and discard server as an experienced user of Asio writes it, on callbacks.
//
//     async_read_some -> async_write -> async_read_some ...
//
// One thread, for which Asio is built without locks, and executors of the concrete type, which
// saves an indirect call and a reference count an operation. A connection belongs to the one
// handler it waits for; Asio recycles the memory of handlers, so that nothing is allocated per
// request. It is not read from while it has an answer to send. The same source is built twice: Asio
// sits on epoll (it tries each operation at once, and asks epoll only when that would block), or on
// io_uring.
//
// Refused: to call write_some() first, on a non-blocking socket. It saves an epoll_wait() where
// there is one connection (2 %), but with more the next receive then comes too early to find
// anything: 3.0 system calls a request instead of 2.1 to 2.4, and 10 to 25 % more CPU.
//
//     asio_epoll|asio_uring echo|discard [--port N] [--cpu N] [--size BYTES] [--codec raw|len32]
//
// Prints `READY 127.0.0.1:PORT`; on SIGTERM or SIGINT one line of JSON with what it counted.
#include <csignal>
#include <cstddef>
#include <cstring>
#include <memory>
#include <utility>

#include <asio.hpp>

#include "len32_frames.h"
#include "library_server.h"

namespace {

using asio::ip::tcp;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;

#if defined(ASIO_HAS_IO_URING_AS_DEFAULT)
constexpr const char* name = "asio_uring";
#else
constexpr const char* name = "asio_epoll";
#endif

// Of each connection, as a receive that is under way needs one. Memory becomes real as far as
// messages reach into it; the largest frame has to fit.
constexpr std::size_t buffer_bytes = 256UL * 1024;
static_assert(buffer_bytes > peer::frame_bytes_max);

peer::StreamServerOptions options;
peer::ServerCounters counters;

struct Connection {
  Socket socket;
  std::unique_ptr<char[]> received = std::make_unique_for_overwrite<char[]>(buffer_bytes);
  std::unique_ptr<char[]> reply;  // of frames only
  std::size_t held_bytes = 0;     // the front of a frame, at the front of `received`
  bool is_last_answer = false;

  explicit Connection(Socket accepted) : socket(std::move(accepted)) {}
};

// Who drops this closes the connection.
using Owned = std::unique_ptr<Connection>;

void receive(Owned connection);

void send(Owned connection, asio::const_buffer answer) {
  Connection& self = *connection;
  counters.sends++;
  asio::async_write(
      self.socket, answer,
      [connection = std::move(connection)](asio::error_code error, std::size_t) mutable {
        if (error || connection->is_last_answer) return;
        receive(std::move(connection));
      });
}

void answer_frames(Owned connection, std::size_t length) {
  Connection& self = *connection;
  const peer::Reframed done = peer::reframe(self.received.get(), length, self.reply.get());
  self.held_bytes = length - done.consumed_bytes;
  self.is_last_answer = done.refused;
  if (self.held_bytes != 0 && done.consumed_bytes != 0) {
    std::memmove(self.received.get(), self.received.get() + done.consumed_bytes, self.held_bytes);
  }
  if (done.reply_bytes != 0) {
    send(std::move(connection), asio::buffer(self.reply.get(), done.reply_bytes));
  } else if (!done.refused) {
    receive(std::move(connection));
  }
}

void answer(Owned connection, std::size_t length) {
  counters.receives++;
  counters.bytes_received += length;
  if (options.discard) return receive(std::move(connection));
  Connection& self = *connection;
  if (options.is_framed) return answer_frames(std::move(connection), self.held_bytes + length);
  send(std::move(connection), asio::buffer(self.received.get(), length));
}

void receive(Owned connection) {
  Connection& self = *connection;
  self.socket.async_read_some(
      asio::buffer(self.received.get() + self.held_bytes, buffer_bytes - self.held_bytes),
      [connection = std::move(connection)](asio::error_code error, std::size_t length) mutable {
        if (!error) answer(std::move(connection), length);
      });
}

void accept_next(Acceptor& acceptor) {
  acceptor.async_accept([&acceptor](asio::error_code error, Socket socket) {
    if (error && error != asio::error::connection_aborted) peer::fail("accept", error.value());
    if (!error) {
      counters.connections++;
      socket.set_option(tcp::no_delay(true), error);
      auto connection = std::make_unique<Connection>(std::move(socket));
      if (options.is_framed) {
        connection->reply = std::make_unique_for_overwrite<char[]>(buffer_bytes);
      }
      receive(std::move(connection));
    }
    accept_next(acceptor);
  });
}

void serve() {
  // Never destroyed: on io_uring, Asio 1.22 destroys an accept that is still waiting after the
  // service its socket belongs to. And a second signal must not end us before the report.
  static auto& context = *new asio::io_context(ASIO_CONCURRENCY_HINT_UNSAFE);
  static auto& signals = *new asio::signal_set(context, SIGINT, SIGTERM);
  signals.async_wait([](asio::error_code, int) { context.stop(); });

  const tcp::endpoint endpoint(asio::ip::address_v4::loopback(),
                               static_cast<asio::ip::port_type>(options.port));
  Acceptor acceptor(context, endpoint.protocol());
  acceptor.set_option(Acceptor::reuse_address(true));
  acceptor.bind(endpoint);
  acceptor.listen(4096);
  peer::print_ready(acceptor.local_endpoint().port());
  accept_next(acceptor);
  context.run();
}

}  // namespace

int main(int count, char** values) {
  options = peer::parse_stream_server(
      count, values,
      "usage: asio_epoll|asio_uring echo|discard [--port N] [--cpu N] [--size BYTES]\n"
      "                             [--codec raw|len32]\n");
  peer::pin_to_cpu(options.cpu);
  peer::raise_descriptors_max();
  try {
    serve();
  } catch (const std::system_error& error) {
    peer::fail(error.what(), error.code().value());
  }
  peer::begin_report(name, options, counters).end();
}
