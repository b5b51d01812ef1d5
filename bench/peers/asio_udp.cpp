// The UDP echo server and sink as an experienced user of Asio writes them.
//
//     async_receive_from -> { send_to, receive_from } until would_block -> async_receive_from ...
//
// One datagram a system call: Asio has neither recvmmsg() nor UDP's segmentation offload. Going
// back to the io_context for each datagram would cost an epoll_wait() each, even while there are
// more.
//
//     asio_udp echo|sink [--port N] [--cpu N]
//
// Prints `READY 127.0.0.1:PORT`; on SIGTERM or SIGINT, once the socket is empty, one line of JSON
// with what it counted.
#include <csignal>
#include <cstddef>

#include <asio.hpp>

#include "library_server.h"
#include "udp_process.h"

namespace {

using asio::ip::udp;
using Socket = asio::basic_datagram_socket<udp, asio::io_context::executor_type>;

// Other handlers and the signals have their turn after so many.
constexpr unsigned turn_datagrams_max = 64;

peer::DatagramServerOptions options;
peer::UdpCounters counters;
char buffer[65536];
udp::endpoint from;

void answer(Socket& socket, std::size_t length) {
  counters.sends++;
  asio::error_code error;
  socket.send_to(asio::buffer(buffer, length), from, 0, error);
  if (error) {
    counters.refused++;
  } else {
    counters.sent++;
    counters.sent_bytes += length;
  }
}

void take(Socket& socket, std::size_t length) {
  counters.receives++;
  counters.received++;
  counters.received_bytes += length;
  if (!options.sink) answer(socket, length);
}

// Waits for one datagram, and takes those behind it as long as there are some.
void receive(Socket& socket) {
  socket.async_receive_from(asio::buffer(buffer), from,
                            [&socket](asio::error_code error, std::size_t length) {
                              if (error) peer::fail("receive", error.value());
                              take(socket, length);
                              for (unsigned i = 1; i < turn_datagrams_max; i++) {
                                length = socket.receive_from(asio::buffer(buffer), from, 0, error);
                                if (error == asio::error::would_block) break;
                                if (error) peer::fail("receive", error.value());
                                take(socket, length);
                              }
                              receive(socket);
                            });
}

void serve() {
  // Never destroyed: a second signal must not end us before the report.
  static auto& context = *new asio::io_context(ASIO_CONCURRENCY_HINT_UNSAFE);
  static auto& signals = *new asio::signal_set(context, SIGINT, SIGTERM);
  signals.async_wait([](asio::error_code, int) { context.stop(); });

  const udp::endpoint endpoint(asio::ip::address_v4::loopback(),
                               static_cast<asio::ip::port_type>(options.port));
  Socket socket(context, endpoint);
  socket.non_blocking(true);
  peer::enlarge_socket_buffers(socket.native_handle(), peer::socket_bytes);
  peer::print_ready(socket.local_endpoint().port());
  receive(socket);
  context.run();
  context.restart();
  context.poll();  // what is queued
}

}  // namespace

int main(int count, char** values) {
  options = peer::parse_datagram_server(count, values,
                                        "usage: asio_udp echo|sink [--port N] [--cpu N]\n");
  peer::pin_to_cpu(options.cpu);
  try {
    serve();
  } catch (const std::system_error& error) {
    peer::fail(error.what(), error.code().value());
  }
  const peer::UdpJob job = options.sink ? peer::UdpJob::sink : peer::UdpJob::echo;
  peer::Report out = peer::begin_udp_report("asio_udp", "epoll", job, counters);
  out.number("cpu_ns", peer::now_ns(CLOCK_PROCESS_CPUTIME_ID));
  out.end();
}
