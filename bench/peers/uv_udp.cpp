// The UDP echo server and sink as an experienced user of libuv writes them.
//
//     recvmmsg inside libuv -> for each datagram: uv_udp_send -> sendmmsg inside libuv
//
// UV_UDP_RECVMMSG receives as many datagrams at a time as the buffer has room for, 64 KiB each and
// 20 at most. uv_udp_send() sends the first answer at once, queues those that follow before its
// callback, and sends these 20 at a time in the next turn. The bytes have to stay until then: each
// answer is copied into a request of a fixed supply, and nothing is received while that is spent.
//
// Refused: uv_udp_try_send(), which copies nothing, but costs a system call a datagram.
//
//     uv_udp echo|sink [--port N] [--cpu N]
//
// Prints `READY 127.0.0.1:PORT`; on SIGTERM or SIGINT, once the socket is empty, one line of JSON
// with what it counted.
#include <uv.h>

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "library_server.h"
#include "udp_process.h"

namespace {

peer::DatagramServerOptions options;
peer::UdpCounters counters;

constexpr std::size_t batch_datagrams = 20;  // the most libuv makes use of
constexpr std::size_t datagram_bytes_max = 65536;
char buffer[batch_datagrams * datagram_bytes_max];

// Memory becomes real as far as datagrams reach into it.
struct Answer {
  uv_udp_send_t request;  // first: libuv's callback gets its address
  Answer* next;           // while it is spare
  std::size_t length;
  char bytes[datagram_bytes_max];
};
constexpr std::size_t answers_max = 128;
Answer* spare;  // the last one used comes first
std::size_t spare_count;
bool paused;  // too few to receive another batch

void check(int result, const char* what) {
  if (result < 0) peer::fail(what, -result);
}

void provide_buffer(uv_handle_t* /*handle*/, std::size_t /*suggested*/, uv_buf_t* provided) {
  *provided = uv_buf_init(buffer, sizeof buffer);
}

void receive(uv_udp_t* handle, ssize_t n, const uv_buf_t* received, const sockaddr* from,
             unsigned flags);

void give_back(Answer* answer) {
  answer->next = spare;
  spare = answer;
  spare_count++;
}

void finish_send(uv_udp_send_t* request, int status) {
  auto* answer = reinterpret_cast<Answer*>(request);
  if (status < 0) {
    counters.refused++;
  } else {
    counters.sent++;
    counters.sent_bytes += answer->length;
  }
  give_back(answer);
  if (paused && spare_count >= answers_max / 2) {
    paused = false;
    check(uv_udp_recv_start(request->handle, provide_buffer, receive), "uv_udp_recv_start");
  }
}

void send(uv_udp_t* handle, const char* bytes, std::size_t length, const sockaddr* to) {
  counters.sends++;
  Answer* answer = spare;
  spare = answer->next;
  spare_count--;
  std::memcpy(answer->bytes, bytes, length);
  answer->length = length;
  const uv_buf_t payload = uv_buf_init(answer->bytes, static_cast<unsigned>(length));
  if (uv_udp_send(&answer->request, handle, &payload, 1, to, finish_send) < 0) {
    counters.refused++;
    give_back(answer);
  }
}

// Without an address it is not a datagram: the socket is empty, or the buffer is given back.
void receive(uv_udp_t* handle, ssize_t n, const uv_buf_t* received, const sockaddr* from,
             unsigned flags) {
  check(static_cast<int>(n), "receive");
  if (from == nullptr) {
    if ((flags & UV_UDP_MMSG_FREE) == 0) return;
    counters.receives++;
    // Here only: the rest of a batch is lost when receiving stops in the middle.
    if (spare_count < batch_datagrams) {
      paused = true;
      uv_udp_recv_stop(handle);
    }
    return;
  }
  const auto length = static_cast<std::size_t>(n);
  counters.received++;
  counters.received_bytes += length;
  if ((flags & UV_UDP_PARTIAL) != 0) counters.cut++;
  if (!options.sink) send(handle, received->base, length, from);
}

void stop(uv_signal_t* handle, int /*number*/) { uv_stop(handle->loop); }

void serve() {
  static uv_loop_t loop;  // ends with the process
  check(uv_loop_init(&loop), "uv_loop_init");
  static uv_signal_t signals[2];
  for (int i = 0; i < 2; i++) {
    check(uv_signal_init(&loop, &signals[i]), "uv_signal_init");
    check(uv_signal_start(&signals[i], stop, i == 0 ? SIGINT : SIGTERM), "uv_signal_start");
  }

  static uv_udp_t handle;
  sockaddr_in address = {};
  check(uv_ip4_addr("127.0.0.1", static_cast<int>(options.port), &address), "uv_ip4_addr");
  check(uv_udp_init_ex(&loop, &handle, AF_INET | UV_UDP_RECVMMSG), "uv_udp_init_ex");
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  check(uv_udp_bind(&handle, generic, 0), "bind");
  uv_os_fd_t fd = -1;
  check(uv_fileno(reinterpret_cast<uv_handle_t*>(&handle), &fd), "uv_fileno");
  peer::enlarge_socket_buffers(fd, peer::socket_bytes);
  int length = sizeof address;
  check(uv_udp_getsockname(&handle, generic, &length), "getsockname");
  auto* answers = peer::reserve<Answer>(answers_max);
  for (std::size_t i = answers_max; i-- > 0;) give_back(answers + i);
  check(uv_udp_recv_start(&handle, provide_buffer, receive), "uv_udp_recv_start");
  peer::print_ready(ntohs(address.sin_port));
  uv_run(&loop, UV_RUN_DEFAULT);

  std::uint64_t before = 0;  // what is queued, and its answers
  do {
    before = counters.received;
    uv_run(&loop, UV_RUN_NOWAIT);
  } while (counters.received != before || spare_count != answers_max);
}

}  // namespace

int main(int count, char** values) {
  options =
      peer::parse_datagram_server(count, values, "usage: uv_udp echo|sink [--port N] [--cpu N]\n");
  peer::pin_to_cpu(options.cpu);
  serve();
  const peer::UdpJob job = options.sink ? peer::UdpJob::sink : peer::UdpJob::echo;
  peer::Report out = peer::begin_udp_report("uv_udp", "recvmmsg", job, counters);
  out.number("cpu_ns", peer::now_ns(CLOCK_PROCESS_CPUTIME_ID));
  out.end();
}
