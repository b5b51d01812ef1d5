// What the raw UDP servers share and what is not measured: the socket, how to wait, how to stop.
//
// A loop is handed a bound socket and its job, and returns when it was told to stop and the socket
// is empty. SIGINT and SIGTERM set `stopping` and send the socket an empty datagram: so a signal
// between the look at `stopping` and going to sleep still ends the sleep, and nothing in a loop has
// to watch a second descriptor.
#pragma once

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <csignal>
#include <cstddef>
#include <cstdint>

#include "peer_process.h"
#include "raw_ring.h"
#include "udp_process.h"
#include "udp_train.h"

namespace peer {

/// What the loops that keep many datagrams at a time have room for in each, where trains are not
/// wanted: more than the measurements send, little enough for a batch to stay in the caches. What
/// is longer arrives cut, is counted and goes back cut.
constexpr std::size_t slot_bytes = 2048;

/// Datagrams moved by one system call where it moves several.
constexpr unsigned batch_datagrams = 32;

struct UdpOptions {
  UdpJob job = UdpJob::echo;
  int cpu = -1;
  unsigned port = 0;
  bool blocking = false;      // sleep in the receive itself, which a loop with two sockets cannot
  bool no_copy = false;       // sink by gso only: the kernel drops the bytes, for the fastest sink
  unsigned direct_below = 0;  // ring only: a turn with fewer answers than this sends by sendmmsg()
  bool offload = false;       // ring only: trains in and out
  bool fixed_file = true;     // ring only
  RingOptions ring = {
      .incremental = false,
      .buffer_bytes = sizeof(io_uring_recvmsg_out) + sizeof(sockaddr_in) + slot_bytes,
      .buffer_count = 128};

  // For `source`.
  sockaddr_in destination = {};
  std::size_t payload_bytes = 64;
  std::uint64_t duration_ns = 0;
  bool gated = false;
};

extern UdpOptions udp_options;
extern UdpCounters udp_counters;
extern volatile std::sig_atomic_t stopping;

/// Sends until `until_ns` on CLOCK_MONOTONIC or until told to stop; counts what the kernel took.
using UdpSource = void (*)(int fd, std::uint64_t until_ns);

/// One way of moving datagrams. `serve` does echo and sink, `source` the sending.
struct UdpVariant {
  const char* name;
  void (*serve)(int fd);
  UdpSource source;
  bool wants_gro;
};

void serve_by_recvfrom(int fd);
void serve_by_mmsg(int fd);
void serve_trains(int fd);
void serve_by_ring(int fd);
void send_by_sendto(int fd, std::uint64_t until_ns);
void send_by_mmsg(int fd, std::uint64_t until_ns);
void send_trains(int fd, std::uint64_t until_ns);
void send_by_ring(int fd, std::uint64_t until_ns);

inline bool until(std::uint64_t until_ns) {
  return stopping == 0 && now_ns(CLOCK_MONOTONIC) < until_ns;
}

/// The zeroed payload every source sends.
inline char source_payload[datagram_bytes_max];

inline void count_received(std::size_t datagrams, std::size_t bytes) {
  udp_counters.received += datagrams;
  udp_counters.received_bytes += bytes;
}

inline void count_sent(std::size_t datagrams, std::size_t bytes) {
  udp_counters.sent += datagrams;
  udp_counters.sent_bytes += bytes;
}

/// Whether this is the datagram that ends the last sleep.
inline bool is_stop_mark(std::size_t length) { return length == 0 && stopping != 0; }

/// How the loops on plain system calls sleep: in epoll_wait() until the socket is readable, or,
/// with `blocking`, not here at all but in the receive.
struct Readiness {
  int epoll_fd = -1;

  explicit Readiness(int fd) {
    if (udp_options.blocking) return;
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_fd < 0) fail("epoll_create1");
    epoll_event event = {.events = EPOLLIN, .data = {.fd = fd}};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
  }
  /// False once there is nothing more to do: told to stop, and the socket is empty.
  bool wait() const {
    while (epoll_fd >= 0) {
      epoll_event event = {};
      udp_counters.syscalls++;
      udp_counters.waits++;
      const int count = epoll_wait(epoll_fd, &event, 1, stopping != 0 ? 0 : -1);
      if (count > 0) return true;
      if (count == 0) return false;
      if (errno != EINTR) fail("epoll_wait");
    }
    return true;
  }
  /// Flags for the first receive after wait().
  static int receive_flags() { return udp_options.blocking && stopping == 0 ? 0 : MSG_DONTWAIT; }
  /// Whether a receive that failed with EAGAIN was the last one.
  static bool ended() { return udp_options.blocking && stopping != 0; }
};

}  // namespace peer
