// The best datagram loops we can write by hand, one for each way of moving datagrams: the yardstick
// of weir's UDP sockets, with which they share no code. One socket, one thread.
//
//     raw_udp echo|sink --variant recvfrom|mmsg|gso|uring [--port N] [--cpu N]
//             [--wait epoll|blocking]                                     not for uring
//             [--no-copy]                                                 sink by gso only
//             [--offload] [--direct-below N] [--plain-file] [--buffer-count N]      uring only
//     raw_udp source --variant ... --connect HOST:PORT [--size BYTES] --duration SECONDS [--gated]
//             [--cpu N] [--offload] [--plain-file]
//
// `echo` answers, `sink` only receives: each prints `READY 127.0.0.1:PORT`, and on SIGTERM or
// SIGINT, once the socket is empty, one line of JSON with what it counted. `source` sends as fast
// as the kernel takes it and prints a line for each run; with --gated it prints `CONNECTED`, then
// does one run for each line on stdin.
#include <sys/socket.h>

#include <bit>
#include <cerrno>
#include <cstring>

#include "udp_server.h"

namespace peer {

UdpOptions udp_options;
UdpCounters udp_counters;
volatile std::sig_atomic_t stopping;

}  // namespace peer

namespace {

using peer::fail;
using peer::udp_counters;
using peer::udp_options;
using peer::UdpJob;

constexpr peer::UdpVariant variants[] = {
    {"recvfrom", peer::serve_by_recvfrom, peer::send_by_sendto, false},
    {"mmsg", peer::serve_by_mmsg, peer::send_by_mmsg, false},
    {"gso", peer::serve_trains, peer::send_trains, true},
    {"uring", peer::serve_by_ring, peer::send_by_ring, false},
};

const peer::UdpVariant* variant;
int socket_fd;
sockaddr_in own_address;

// See udp_server.h. sendto() may be called here (signal-safety(7)).
void stop(int /*signal*/) {
  const int error = errno;
  peer::stopping = 1;
  sendto(socket_fd, "", 0, MSG_DONTWAIT, reinterpret_cast<const sockaddr*>(&own_address),
         sizeof own_address);
  errno = error;
}

void stop_on_signals() {
  struct sigaction action = {};
  action.sa_handler = stop;
  if (sigaction(SIGINT, &action, nullptr) != 0) fail("sigaction");
  if (sigaction(SIGTERM, &action, nullptr) != 0) fail("sigaction");
}

void open_socket() {
  socket_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket_fd < 0) fail("socket");
  // The sink of a sender that is measured must drop nothing, because what is dropped is cheap to
  // send.
  peer::enlarge_socket_buffers(socket_fd, udp_options.no_copy ? 32 << 20 : peer::socket_bytes);
  const int on = 1;
  const bool merge = variant->wants_gro || udp_options.offload;
  if (merge && setsockopt(socket_fd, SOL_UDP, UDP_GRO, &on, sizeof on) != 0) fail("UDP_GRO");
  own_address.sin_family = AF_INET;
  own_address.sin_port = htons(static_cast<std::uint16_t>(udp_options.port));
  own_address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof own_address;
  auto* generic = reinterpret_cast<sockaddr*>(&own_address);
  if (bind(socket_fd, generic, length) != 0) fail("bind");
  if (getsockname(socket_fd, generic, &length) != 0) fail("getsockname");
}

void report(double seconds, std::uint64_t cpu_ns) {
  peer::Report out =
      peer::begin_udp_report("raw_udp", variant->name, udp_options.job, udp_counters);
  if (udp_options.job == UdpJob::source) {
    out.number("errors", std::uint64_t{0});
    out.number("seconds", seconds);
    out.number("requests_per_second", static_cast<double>(udp_counters.sent) / seconds);
  }
  out.number("cpu_ns", cpu_ns);
  out.end();
}

void run_source() {
  if (udp_options.gated) {
    std::puts("CONNECTED");
    std::fflush(stdout);
  }
  char line[64];
  while (!udp_options.gated || std::fgets(line, sizeof line, stdin) != nullptr) {
    udp_counters = {};
    const std::uint64_t start_ns = peer::now_ns(CLOCK_MONOTONIC);
    const std::uint64_t cpu_ns = peer::now_ns(CLOCK_PROCESS_CPUTIME_ID);
    variant->source(socket_fd, start_ns + udp_options.duration_ns);
    const auto took_ns = static_cast<double>(peer::now_ns(CLOCK_MONOTONIC) - start_ns);
    report(took_ns / 1e9, peer::now_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu_ns);
    if (!udp_options.gated || peer::stopping != 0) return;
  }
}

const peer::UdpVariant* find_variant(const char* name) {
  for (const peer::UdpVariant& candidate : variants) {
    if (std::strcmp(candidate.name, name) == 0) return &candidate;
  }
  return nullptr;
}

UdpJob job_of(peer::Arguments& arguments) {
  const char* name = arguments.text();
  if (std::strcmp(name, "echo") == 0) return UdpJob::echo;
  if (std::strcmp(name, "sink") == 0) return UdpJob::sink;
  if (std::strcmp(name, "source") != 0) arguments.usage();
  return UdpJob::source;
}

// What must not be combined, and what is missing.
bool is_consistent() {
  if (variant == nullptr) return false;
  const bool by_ring = std::strcmp(variant->name, "uring") == 0;
  const bool ring_flags =
      udp_options.offload || udp_options.direct_below != 0 || !udp_options.fixed_file;
  if (by_ring ? udp_options.blocking : ring_flags) return false;
  const bool is_gso_sink = variant->wants_gro && udp_options.job == UdpJob::sink;
  if (udp_options.no_copy && !is_gso_sink) return false;
  if (udp_options.offload && udp_options.direct_below != 0) return false;
  if (!std::has_single_bit(udp_options.ring.buffer_count)) return false;
  const bool is_source = udp_options.job == UdpJob::source;
  if (is_source != (udp_options.duration_ns != 0)) return false;
  return is_source == (udp_options.destination.sin_port != 0);
}

void parse(int count, char** values) {
  peer::Arguments arguments = {
      count, values,
      "usage: raw_udp echo|sink --variant recvfrom|mmsg|gso|uring [--port N] [--cpu N]\n"
      "               [--wait epoll|blocking] [--no-copy]\n"
      "               [--offload] [--direct-below N] [--plain-file] [--buffer-count N]\n"
      "       raw_udp source --variant recvfrom|mmsg|gso|uring --connect HOST:PORT\n"
      "               --duration SECONDS [--size BYTES] [--gated] [--cpu N]\n"
      "               [--offload] [--plain-file]\n"};
  udp_options.job = job_of(arguments);
  while (const char* flag = arguments.next()) {
    const auto is = [&](const char* name) { return std::strcmp(flag, name) == 0; };
    if (is("--variant")) {
      variant = find_variant(arguments.text());
    } else if (is("--port")) {
      udp_options.port = arguments.whole(0, 65535);
    } else if (is("--cpu")) {
      udp_options.cpu = static_cast<int>(arguments.whole(0, CPU_SETSIZE - 1));
    } else if (is("--wait")) {
      udp_options.blocking = arguments.either("blocking", "epoll");
    } else if (is("--offload")) {
      udp_options.offload = true;
      udp_options.ring.buffer_bytes = 65536 + 128;
      udp_options.ring.buffer_count = 16;
    } else if (is("--no-copy")) {
      udp_options.no_copy = true;
    } else if (is("--direct-below")) {
      udp_options.direct_below = arguments.whole(0, 1U << 20U);
    } else if (is("--plain-file")) {
      udp_options.fixed_file = false;
    } else if (is("--buffer-count")) {
      udp_options.ring.buffer_count = arguments.whole(1, 32768);
    } else if (is("--connect")) {
      udp_options.destination = arguments.address();
    } else if (is("--size")) {
      udp_options.payload_bytes = arguments.whole(1, peer::datagram_bytes_max);
    } else if (is("--duration")) {
      udp_options.duration_ns = static_cast<std::uint64_t>(arguments.number(0.001, 3600) * 1e9);
    } else if (is("--gated")) {
      udp_options.gated = true;
    } else {
      arguments.usage();
    }
  }
  if (!is_consistent()) arguments.usage();
}

}  // namespace

int main(int count, char** values) {
  parse(count, values);
  peer::pin_to_cpu(udp_options.cpu);
  open_socket();
  stop_on_signals();
  if (udp_options.job == UdpJob::source) {
    run_source();
    return 0;
  }
  peer::print_ready(ntohs(own_address.sin_port));
  variant->serve(socket_fd);
  report(0, peer::now_ns(CLOCK_PROCESS_CPUTIME_ID));
}
