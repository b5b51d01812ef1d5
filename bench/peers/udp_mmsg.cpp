// Datagrams in batches of 32: one system call to receive what is there, one to answer it.
//
//     epoll:     epoll_wait -> { recvmmsg, sendmmsg } until a batch is not full
//     blocking:  { recvmmsg(MSG_WAITFORONE), sendmmsg }
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "udp_server.h"

namespace peer {

namespace {

struct Batch {
  mmsghdr messages[batch_datagrams];
  iovec parts[batch_datagrams];
  sockaddr_in addresses[batch_datagrams];
  alignas(64) char buffers[batch_datagrams][slot_bytes];
};

Batch batch;

void prepare() {
  for (unsigned i = 0; i < batch_datagrams; i++) {
    batch.parts[i] = {.iov_base = batch.buffers[i], .iov_len = slot_bytes};
    msghdr& header = batch.messages[i].msg_hdr;
    header.msg_name = &batch.addresses[i];
    header.msg_namelen = sizeof batch.addresses[i];
    header.msg_iov = &batch.parts[i];
    header.msg_iovlen = 1;
  }
}

// A message the kernel refuses ends its sendmmsg(): it is lost, those behind it are not.
void send_all(int fd, unsigned count, int flags) {
  for (unsigned first = 0; first < count;) {
    udp_counters.syscalls++;
    udp_counters.sends++;
    const int n = sendmmsg(fd, batch.messages + first, count - first, flags);
    if (n <= 0) {
      udp_counters.refused++;
      first++;
      continue;
    }
    for (const unsigned end = first + static_cast<unsigned>(n); first < end; first++) {
      count_sent(1, batch.parts[first].iov_len);
    }
  }
}

// Receives and answers one batch. \returns how many datagrams it had.
unsigned serve_batch(int fd) {
  int n = 0;
  do {
    udp_counters.syscalls++;
    const int flags = Readiness::receive_flags() | MSG_WAITFORONE;
    n = recvmmsg(fd, batch.messages, batch_datagrams, flags, nullptr);
  } while (n < 0 && errno == EINTR);
  if (n < 0) {
    if (errno != EAGAIN) fail("recvmmsg");
    return 0;
  }
  udp_counters.receives++;
  const auto count = static_cast<unsigned>(n);
  const bool echo = udp_options.job == UdpJob::echo;
  unsigned answers = 0;
  for (unsigned i = 0; i < count; i++) {
    const std::size_t length = batch.messages[i].msg_len;
    if (is_stop_mark(length)) break;  // nothing that matters comes after it
    count_received(1, length);
    if ((batch.messages[i].msg_hdr.msg_flags & MSG_TRUNC) != 0) udp_counters.cut++;
    if (echo) batch.parts[i].iov_len = length;
    answers++;
  }
  if (!echo) return count;
  send_all(fd, answers, MSG_DONTWAIT);
  for (unsigned i = 0; i < count; i++) batch.parts[i].iov_len = slot_bytes;
  return count;
}

}  // namespace

void serve_by_mmsg(int fd) {
  prepare();
  const Readiness readiness(fd);
  while (readiness.wait()) {
    unsigned count = 0;
    do {
      count = serve_batch(fd);
      if (count == 0 && Readiness::ended()) return;
    } while (count == batch_datagrams);
  }
}

void send_by_mmsg(int fd, std::uint64_t until_ns) {
  prepare();
  for (unsigned i = 0; i < batch_datagrams; i++) {
    batch.parts[i] = {.iov_base = source_payload, .iov_len = udp_options.payload_bytes};
    batch.messages[i].msg_hdr.msg_name = &udp_options.destination;
  }
  while (until(until_ns)) send_all(fd, batch_datagrams, 0);
}

}  // namespace peer
