// Datagrams through an io_uring: one multishot receive, all answers of a turn submitted together.
//
//     one turn:  io_uring_enter(submit all, wait for 1) -> give the buffers of the turn before back
//                -> for each completion: queue its answer, straight from the ring's buffer
//
//     a buffer:  io_uring_recvmsg_out | sender's address | control messages | payload
//
// Answers carry MSG_DONTWAIT and CQE_SKIP_SUCCESS: they are tried while they are submitted and
// leave a completion only if the kernel refused. So their buffers are free after the next enter().
// With `offload` a buffer holds a train (see udp_gso.cpp). A turn with fewer answers than
// `direct_below` sends them by sendmmsg() instead, and its buffers are free at once.
#include <liburing.h>
#include <sys/socket.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <vector>

#include "raw_ring.h"
#include "udp_server.h"

namespace peer {

namespace {

enum Operation : std::uint64_t { op_receive, op_send };

struct Answer {
  mmsghdr message;
  iovec part;
  std::size_t segment;  // size of its datagrams; as long as the payload if there is only one
  alignas(cmsghdr) char control[train_control_bytes];
};

RawRing ring;
int socket_fd;
bool receiving;
msghdr receive_shape;  // says how much room an address and control messages get
std::vector<std::uint16_t> used_up_in_flight;
std::vector<Answer> answers, answers_in_flight;  // never more than there are buffers
std::vector<mmsghdr> batch;

io_uring_sqe* next_entry(std::uint8_t opcode, Operation operation) {
  io_uring_sqe* entry = ring.next_entry(opcode);
  entry->fd = udp_options.fixed_file ? 0 : socket_fd;
  entry->flags = udp_options.fixed_file ? IOSQE_FIXED_FILE : 0;
  entry->user_data = operation;
  return entry;
}

void receive() {
  io_uring_sqe* entry = next_entry(IORING_OP_RECVMSG, op_receive);
  entry->flags |= IOSQE_BUFFER_SELECT;
  entry->ioprio = IORING_RECV_MULTISHOT;
  entry->addr = std::bit_cast<std::uint64_t>(&receive_shape);
  entry->len = 1;
  receiving = true;
}

void add_answer(void* payload, std::size_t length, std::size_t segment, void* address,
                std::size_t address_bytes) {
  Answer& answer = answers.emplace_back();
  answer.part = {.iov_base = payload, .iov_len = length};
  answer.segment = segment;
  msghdr& header = answer.message.msg_hdr;
  header = {};
  header.msg_name = address;
  header.msg_namelen = static_cast<socklen_t>(address_bytes);
  header.msg_iov = &answer.part;
  header.msg_iovlen = 1;
}

// A single datagram needs no msghdr: a send takes the address itself (Linux 6.2).
void submit_datagram(const Answer& answer) {
  io_uring_sqe* entry = next_entry(IORING_OP_SEND, op_send);
  entry->flags |= IOSQE_CQE_SKIP_SUCCESS;
  entry->addr = std::bit_cast<std::uint64_t>(answer.part.iov_base);
  entry->len = static_cast<std::uint32_t>(answer.part.iov_len);
  entry->addr2 = std::bit_cast<std::uint64_t>(answer.message.msg_hdr.msg_name);
  entry->addr_len = static_cast<std::uint16_t>(answer.message.msg_hdr.msg_namelen);
  entry->msg_flags = MSG_DONTWAIT;
}

void submit_train(Answer& answer) {
  msghdr& header = answer.message.msg_hdr;
  cut_into_segments(header, answer.control, answer.segment);
  io_uring_sqe* entry = next_entry(IORING_OP_SENDMSG, op_send);
  entry->flags |= IOSQE_CQE_SKIP_SUCCESS;
  entry->addr = std::bit_cast<std::uint64_t>(&header);
  entry->len = 1;
  entry->msg_flags = MSG_DONTWAIT;
}

void submit_answers() {
  for (Answer& answer : answers) {
    answer.segment < answer.part.iov_len ? submit_train(answer) : submit_datagram(answer);
  }
}

void send_answers_at_once() {
  batch.clear();
  for (const Answer& answer : answers) batch.push_back(answer.message);
  for (std::size_t first = 0; first < batch.size();) {
    udp_counters.syscalls++;
    const auto left = static_cast<unsigned>(batch.size() - first);
    const int n = sendmmsg(socket_fd, batch.data() + first, left, MSG_DONTWAIT);
    if (n <= 0) udp_counters.refused++;
    first += n <= 0 ? 1 : static_cast<std::size_t>(n);
  }
  answers.clear();
}

void received(const io_uring_cqe& completion) {
  if ((completion.flags & IORING_CQE_F_MORE) == 0) receiving = false;
  char* bytes = ring.received_bytes(completion);
  if (bytes == nullptr) {
    if (completion.res < 0 && completion.res != -ENOBUFS) fail("recvmsg", -completion.res);
    return;
  }
  auto* out = io_uring_recvmsg_validate(bytes, completion.res, &receive_shape);
  if (out == nullptr) fail("io_uring_recvmsg_validate", EBADMSG);
  const auto length =
      std::size_t{io_uring_recvmsg_payload_length(out, completion.res, &receive_shape)};
  udp_counters.receives++;
  if (is_stop_mark(length)) return;
  const cmsghdr* control = io_uring_recvmsg_cmsg_firsthdr(out, &receive_shape);
  const std::size_t segment = segment_bytes(control, length);
  const std::size_t datagrams = datagrams_in(length, segment);
  count_received(datagrams, length);
  if ((out->flags & MSG_TRUNC) != 0) udp_counters.cut++;
  if (udp_options.job == UdpJob::sink) return;

  void* payload = io_uring_recvmsg_payload(out, &receive_shape);
  void* address = io_uring_recvmsg_name(out);
  udp_counters.sends++;
  count_sent(datagrams, length);
  add_answer(payload, length, segment, address, out->namelen);
}

// Only failures get here: what was counted as sent was not.
void refused(const io_uring_cqe& completion) {
  if (completion.res < 0) udp_counters.refused++;
}

void set_up(int fd) {
  socket_fd = fd;
  ring.set_up(udp_options.ring);
  if (udp_options.fixed_file) {
    const int error = io_uring_register_files(&ring.ring, &fd, 1);
    if (error != 0) fail("io_uring_register_files", -error);
  }
}

}  // namespace

void serve_by_ring(int fd) {
  set_up(fd);
  answers.reserve(udp_options.ring.buffer_count);
  answers_in_flight.reserve(udp_options.ring.buffer_count);
  batch.reserve(udp_options.ring.buffer_count);
  receive_shape.msg_namelen = sizeof(sockaddr_in);
  receive_shape.msg_controllen = udp_options.offload ? train_control_bytes : 0;
  for (int empty_turns = 0; empty_turns < 2;) {
    if (!receiving) receive();
    ring.enter(stopping != 0 ? 0 : 1);
    // What the turn before answered has left.
    ring.give_back(used_up_in_flight);
    answers_in_flight.clear();

    unsigned count = 0;
    ring.drain([&](const io_uring_cqe& completion) {
      count++;
      completion.user_data == op_receive ? received(completion) : refused(completion);
    });
    if (answers.size() < udp_options.direct_below) {
      send_answers_at_once();
    } else {
      submit_answers();
    }
    // With nothing of this turn left in the ring, what follows need not wait for the next one.
    const bool is_done = answers.empty();
    std::swap(answers, answers_in_flight);
    std::swap(ring.used_up, used_up_in_flight);
    if (is_done) ring.give_back(used_up_in_flight);
    if (stopping != 0) empty_turns = count == 0 ? empty_turns + 1 : 0;
  }
  udp_counters.sent -= udp_counters.refused;
  udp_counters.waits = ring.waits;
  udp_counters.syscalls += ring.enters;
}

void send_by_ring(int fd, std::uint64_t until_ns) {
  static bool is_set_up = false;
  if (!is_set_up) set_up(fd);
  is_set_up = true;
  const std::size_t segment = udp_options.payload_bytes;
  const std::size_t segments =
      udp_options.offload ? std::min<std::size_t>(segments_max, datagram_bytes_max / segment) : 1;
  const unsigned count = udp_options.offload ? 4 : batch_datagrams;
  const std::uint64_t enters_before = ring.enters;
  const std::uint64_t refused_before = udp_counters.refused;
  answers.reserve(count);
  void* address = &udp_options.destination;
  constexpr std::size_t address_bytes = sizeof udp_options.destination;
  while (until(until_ns)) {
    answers.clear();
    for (unsigned i = 0; i < count; i++) {
      udp_counters.sends++;
      count_sent(segments, segments * segment);
      add_answer(source_payload, segments * segment, segment, address, address_bytes);
    }
    submit_answers();
    ring.enter(0);
    ring.drain(refused);
  }
  udp_counters.sent -= (udp_counters.refused - refused_before) * segments;
  udp_counters.syscalls += ring.enters - enters_before;
}

}  // namespace peer
