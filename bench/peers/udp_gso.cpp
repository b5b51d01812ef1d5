// Datagrams in trains (udp_train.h): the kernel's stack is walked once for up to 64 of them. What
// came as a train leaves as one, from the same bytes.
//
//     epoll:     epoll_wait -> { recvmsg, sendmsg } until EAGAIN
//     blocking:  { recvmsg, sendmsg }
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "udp_server.h"

namespace peer {

namespace {

char buffer[train_bytes_max];

struct Train {
  sockaddr_in address;
  iovec part;
  alignas(cmsghdr) char control[train_control_bytes];
  msghdr header;

  void prepare(void* bytes, std::size_t length) {
    part = {.iov_base = bytes, .iov_len = length};
    header = {};
    header.msg_name = &address;
    header.msg_namelen = sizeof address;
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
  }
};

Train train;

void send_train(int fd, std::size_t length, std::size_t segment, int flags) {
  train.part.iov_len = length;
  if (segment < length) {
    cut_into_segments(train.header, train.control, segment);
  } else {
    train.header.msg_controllen = 0;
  }
  udp_counters.syscalls++;
  udp_counters.sends++;
  const std::size_t datagrams = datagrams_in(length, segment);
  if (sendmsg(fd, &train.header, flags) < 0) {
    udp_counters.refused += datagrams;
  } else {
    count_sent(datagrams, length);
  }
}

// Receives and answers one train. \returns whether there was one.
bool serve_one(int fd) {
  const bool copy = !udp_options.no_copy;
  train.prepare(buffer, copy ? sizeof buffer : 0);
  udp_counters.syscalls++;
  // With MSG_TRUNC the result is the whole length even where there was no room.
  const int flags = Readiness::receive_flags() | (copy ? 0 : MSG_TRUNC);
  const ssize_t n = recvmsg(fd, &train.header, flags);
  if (n < 0) {
    if (errno != EAGAIN && errno != EINTR) fail("recvmsg");
    return errno == EINTR;
  }
  const auto length = static_cast<std::size_t>(n);
  udp_counters.receives++;
  if (is_stop_mark(length)) return true;
  const std::size_t segment = segment_bytes(CMSG_FIRSTHDR(&train.header), length);
  count_received(datagrams_in(length, segment), length);
  if (copy && (train.header.msg_flags & MSG_TRUNC) != 0) udp_counters.cut++;
  if (udp_options.job == UdpJob::echo) send_train(fd, length, segment, MSG_DONTWAIT);
  return true;
}

}  // namespace

void serve_trains(int fd) {
  const Readiness readiness(fd);
  while (readiness.wait()) {
    while (serve_one(fd)) {
    }
    if (Readiness::ended()) return;
  }
}

void send_trains(int fd, std::uint64_t until_ns) {
  const std::size_t segment = udp_options.payload_bytes;
  const std::size_t length =
      segment * std::min<std::size_t>(segments_max, datagram_bytes_max / segment);
  train.address = udp_options.destination;
  train.prepare(source_payload, length);
  while (until(until_ns)) {
    for (unsigned i = 0; i < 4; i++) send_train(fd, length, segment, 0);
  }
}

}  // namespace peer
