// What all peers for datagrams share and what is not measured: socket buffers, counters, the
// report.
#pragma once

#include <sys/socket.h>

#include <cstdint>

#include "peer_process.h"

namespace peer {

enum class UdpJob : std::uint8_t { echo, sink, source };

/// Of its waits and system calls only a raw loop knows, in which there is at least one; a peer on a
/// library leaves both out of its report.
struct UdpCounters {
  std::uint64_t received, received_bytes, sent, sent_bytes;
  std::uint64_t cut;      // longer than there was room for
  std::uint64_t refused;  // answers the kernel did not take: a datagram service loses those
  std::uint64_t receives, sends, waits, syscalls;
};

/// Bursts must not be lost for want of room.
constexpr int socket_bytes = 4 << 20;

/// Gives the socket so many bytes each way, or what the system allows.
inline void enlarge_socket_buffers(int fd, int bytes) {
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0) {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  }
  if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes) != 0) {
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
  }
}

inline Report begin_udp_report(const char* server, const char* variant, UdpJob job,
                               const UdpCounters& counters) {
  const bool is_source = job == UdpJob::source;
  Report out;
  out.text("server", server);
  out.text("variant", variant);
  out.text("job", is_source ? "source" : job == UdpJob::sink ? "sink" : "echo");
  out.number("requests", is_source ? counters.sent : counters.received);
  out.number("bytes", is_source ? counters.sent_bytes : counters.received_bytes);
  out.number("received", counters.received);
  out.number("sent", counters.sent);
  out.number("cut", counters.cut);
  out.number("refused", counters.refused);
  out.number("receives", counters.receives);
  out.number("sends", counters.sends);
  if (counters.syscalls != 0) {
    out.number("waits", counters.waits);
    out.number("syscalls", counters.syscalls);
  }
  return out;
}

}  // namespace peer
