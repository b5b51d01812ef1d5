// Datagrams one by one: what everybody writes first, and the loop the offloads are compared with.
//
//     epoll:     epoll_wait -> { recvfrom, sendto } until EAGAIN
//     blocking:  { recvfrom, sendto }
#include <sys/socket.h>

#include <cerrno>

#include "udp_server.h"

namespace peer {

namespace {

char buffer[datagram_bytes_max];

// Receives and answers one datagram. \returns whether there was one.
bool serve_one(int fd) {
  sockaddr_in from;
  socklen_t from_bytes = sizeof from;
  auto* address = reinterpret_cast<sockaddr*>(&from);
  udp_counters.syscalls++;
  const ssize_t n =
      recvfrom(fd, buffer, sizeof buffer, Readiness::receive_flags(), address, &from_bytes);
  if (n < 0) {
    if (errno != EAGAIN && errno != EINTR) fail("recvfrom");
    return errno == EINTR;
  }
  const auto length = static_cast<std::size_t>(n);
  udp_counters.receives++;
  if (is_stop_mark(length)) return true;
  count_received(1, length);
  if (udp_options.job == UdpJob::sink) return true;

  udp_counters.syscalls++;
  udp_counters.sends++;
  if (sendto(fd, buffer, length, MSG_DONTWAIT, address, from_bytes) >= 0) {
    count_sent(1, length);
  } else {
    udp_counters.refused++;
  }
  return true;
}

}  // namespace

void serve_by_recvfrom(int fd) {
  const Readiness readiness(fd);
  while (readiness.wait()) {
    while (serve_one(fd)) {
    }
    if (Readiness::ended()) return;
  }
}

void send_by_sendto(int fd, std::uint64_t until_ns) {
  const auto* address = reinterpret_cast<const sockaddr*>(&udp_options.destination);
  const std::size_t length = udp_options.payload_bytes;
  while (until(until_ns)) {
    for (unsigned i = 0; i < batch_datagrams; i++) {
      udp_counters.syscalls++;
      udp_counters.sends++;
      if (sendto(fd, source_payload, length, 0, address, sizeof udp_options.destination) < 0) {
        udp_counters.refused++;
      } else {
        count_sent(1, length);
      }
    }
  }
}

}  // namespace peer
