// The best echo and discard server we can write by hand on io_uring: the yardstick of weir's ring
// backend. It shares no code with weir. bench/peers/README.md says which flags were best for what.
//
//     one turn:  io_uring_enter(submit all, wait for 1) -> drain completions -> settle the sends of
//                the turn before -> give buffers back -> one gathered send per connection -> ...
//
// A multishot accept and one multishot receive per connection fill provided buffers. Sends carry
// MSG_DONTWAIT, MSG_WAITALL and CQE_SKIP_SUCCESS: a send that the kernel takes whole while it is
// submitted leaves no completion, so a turn is one system call and none is spent on hearing that
// nothing went wrong. One that falls short does leave a completion; its rest is copied aside, the
// connection stops receiving, and a waiting send takes over. So no ring buffer outlives the turn
// after the one that received it, whatever the peers do.
//
// With --codec len32 the echo is one of frames: each length is read and checked, each whole frame
// written anew, and what a turn answers a connection leaves in one send. The front of a frame whose
// end is missing is copied aside.
//
//     raw_uring echo|discard [--port N] [--cpu N] [--size BYTES] [--codec raw|len32]
//               [--buffers incremental|classic] [--buffer-bytes N] [--buffer-count N]
//               [--direct-below N] [--fixed-files]
//
// Prints `READY 127.0.0.1:PORT`; on SIGTERM or SIGINT one line of JSON with what it counted.
#include <liburing.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include "len32_frames.h"
#include "peer_process.h"
#include "raw_ring.h"

namespace {

using peer::fail;

struct Options : peer::ServerOptions {
  peer::RingOptions ring;
  bool framed = false;
  bool fixed_files = false;
  unsigned direct_below = 0;  // a turn with fewer sends than this does them by system call
};

enum Operation : std::uint64_t { op_signal, op_accept, op_receive, op_send, op_flush, op_ignored };

constexpr std::uint32_t none = UINT32_MAX;

// Part of what one connection received in this turn; the parts of a connection form a list.
struct Segment {
  char* bytes;
  std::uint32_t length, next;
};

// A gathered send in the ring: everything a connection received in one turn.
struct Send {
  std::uint32_t connection, first_segment;
  std::size_t length, sent;  // `sent` is right already unless a completion says otherwise
  msghdr message;
};

// Indexed by descriptor or by slot of the fixed file table. All zero: not open.
struct Connection {
  bool receiving, cancelling;                 // a multishot receive is armed; and asked to end
  bool touched;                               // is in `touched`
  bool finished, failed;                      // end of stream; broken: nothing more will be sent
  std::uint32_t first_segment, last_segment;  // of this turn, while length > 0
  std::size_t length;
  std::uint32_t send;     // plus 1: index in `sends` while in flight
  char *rest, *flushing;  // what the kernel did not take: collecting, and in flight
  std::size_t rest_bytes, flush_begin, flush_end;
  peer::PartialFrame partial;
};

Options options;
peer::ServerCounters counters;
std::uint64_t out_of_buffers;
peer::RawRing ring;
Connection* connections;
int listener_fd;
bool accepting, stopping;
// Sends in flight refer to the segments of the turn before, so there are two of each.
std::vector<Segment> segments, segments_in_flight;
std::vector<std::uint16_t> used_up_in_flight;  // buffers that sends in flight read from
std::vector<char> replies, replies_in_flight;  // of the frames of a turn; sized before it begins
std::size_t replies_used;
std::vector<char> gathered;  // a connection's input where it is not in one piece
std::vector<Send> sends;
std::vector<iovec> vectors;
std::vector<std::uint32_t> touched, touched_before;

io_uring_sqe* next_entry(std::uint8_t opcode, Operation operation, std::uint32_t c) {
  io_uring_sqe* entry = ring.next_entry(opcode);
  entry->fd = static_cast<int>(c);
  entry->flags = options.fixed_files ? IOSQE_FIXED_FILE : 0;
  entry->user_data = std::uint64_t{c} << 8U | operation;
  return entry;
}

void accept_connections() {
  io_uring_sqe* entry = next_entry(IORING_OP_ACCEPT, op_accept, 0);
  entry->fd = listener_fd;
  entry->flags = 0;
  entry->ioprio = IORING_ACCEPT_MULTISHOT;
  if (options.fixed_files) entry->file_index = IORING_FILE_INDEX_ALLOC;
  accepting = true;
}

void receive(std::uint32_t c) {
  io_uring_sqe* entry = next_entry(IORING_OP_RECV, op_receive, c);
  entry->flags |= IOSQE_BUFFER_SELECT;
  entry->ioprio = IORING_RECV_MULTISHOT;
  connections[c].receiving = true;
}

void stop_receiving(std::uint32_t c) {
  io_uring_sqe* entry = next_entry(IORING_OP_ASYNC_CANCEL, op_ignored, c);
  entry->fd = -1;
  entry->flags = IOSQE_CQE_SKIP_SUCCESS;
  entry->addr = std::uint64_t{c} << 8U | op_receive;
  connections[c].cancelling = true;
}

void close_connection(std::uint32_t c) {
  std::free(connections[c].rest);
  connections[c].partial.clear();
  connections[c] = {};
  if (options.fixed_files) {
    io_uring_sqe* entry = next_entry(IORING_OP_CLOSE, op_ignored, 0);
    entry->flags = IOSQE_CQE_SKIP_SUCCESS;
    entry->file_index = c + 1;
  } else {
    counters.syscalls++;
    close(static_cast<int>(c));
  }
  if (!accepting) accept_connections();  // it had run out of descriptors
}

// Copies the bytes of a segment list behind its first `skip` to the connection's rest.
void keep_rest(Connection& connection, const std::vector<Segment>& list, std::uint32_t first,
               std::size_t length, std::size_t skip) {
  const std::size_t total = connection.rest_bytes + length - skip;
  auto* rest = static_cast<char*>(std::realloc(connection.rest, total));
  if (rest == nullptr) fail("realloc", ENOMEM);
  connection.rest = rest;
  for (std::uint32_t i = first; i != none; i = list[i].next) {
    const std::size_t skipped = std::min<std::size_t>(skip, list[i].length);
    const std::size_t taken = list[i].length - skipped;
    std::memcpy(connection.rest + connection.rest_bytes, list[i].bytes + skipped, taken);
    connection.rest_bytes += taken;
    skip -= skipped;
  }
}

// Sends the rest without skipping the completion and without MSG_DONTWAIT: the kernel waits.
void flush(std::uint32_t c) {
  Connection& connection = connections[c];
  if (connection.flushing == nullptr) {
    connection.flushing = std::exchange(connection.rest, nullptr);
    connection.flush_end = std::exchange(connection.rest_bytes, 0);
    connection.flush_begin = 0;
  }
  io_uring_sqe* entry = next_entry(IORING_OP_SEND, op_flush, c);
  entry->addr = std::bit_cast<std::uint64_t>(connection.flushing + connection.flush_begin);
  entry->len = static_cast<std::uint32_t>(connection.flush_end - connection.flush_begin);
  entry->msg_flags = MSG_WAITALL | MSG_NOSIGNAL;
  counters.sends++;
}

// What `c` received and what was missing its end before, in one piece.
Segment input_of(const Connection& connection) {
  const Segment& first = segments[connection.first_segment];
  if (connection.partial.length == 0 && first.next == none) return first;
  const std::size_t length = connection.partial.length + connection.length;
  gathered.resize(std::max(gathered.size(), length));
  char* end = gathered.data();
  if (connection.partial.length > 0) {
    std::memcpy(end, connection.partial.bytes, connection.partial.length);
    end += connection.partial.length;
  }
  for (std::uint32_t i = connection.first_segment; i != none; i = segments[i].next) {
    std::memcpy(end, segments[i].bytes, segments[i].length);
    end += segments[i].length;
  }
  return {.bytes = gathered.data(), .length = static_cast<std::uint32_t>(length), .next = none};
}

// How much the frames of this turn can be at the most.
std::size_t replies_bytes_max() {
  std::size_t total = 0;
  for (const std::uint32_t c : touched) {
    const Connection& connection = connections[c];
    if (connection.length > 0) total += connection.length + connection.partial.length;
  }
  return total;
}

// Puts the whole frames of what `c` received, written anew, in the place of what it received. False
// if one announces too much.
bool reframe_received(Connection& connection) {
  const Segment input = input_of(connection);
  char* reply = replies.data() + replies_used;
  const peer::Reframed done = peer::reframe(input.bytes, input.length, reply);
  replies_used += done.reply_bytes;
  connection.partial.keep(input.bytes + done.consumed_bytes, input.length - done.consumed_bytes);
  connection.first_segment = static_cast<std::uint32_t>(segments.size());
  connection.length = done.reply_bytes;
  segments.push_back(
      {.bytes = reply, .length = static_cast<std::uint32_t>(done.reply_bytes), .next = none});
  return !done.refused;
}

// Gathers what `c` received in this turn into one send, through the ring or at once.
void send_received(std::uint32_t c, bool direct) {
  Connection& connection = connections[c];
  Send& send = sends.emplace_back();  // reserved for the turn, as are the vectors: they stay put
  connection.send = static_cast<std::uint32_t>(sends.size());
  counters.sends++;
  send.connection = c;
  send.first_segment = connection.first_segment;
  send.length = connection.length;
  send.message.msg_iov = vectors.data() + vectors.size();
  std::size_t& count = send.message.msg_iovlen;
  // What is beyond IOV_MAX counts as refused by the kernel, and becomes a rest.
  for (auto i = send.first_segment; i != none && count < IOV_MAX; i = segments[i].next, count++) {
    vectors.push_back({.iov_base = segments[i].bytes, .iov_len = segments[i].length});
    send.sent += segments[i].length;
  }
  const iovec& only = *send.message.msg_iov;
  const bool single = count == 1;
  if (direct) {
    counters.syscalls++;
    constexpr int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    const int fd = static_cast<int>(c);
    const ssize_t n =
        single ? ::send(fd, only.iov_base, only.iov_len, flags) : sendmsg(fd, &send.message, flags);
    if (n < 0 && errno != EAGAIN && errno != EINTR) connection.failed = true;
    send.sent = n < 0 ? 0 : static_cast<std::size_t>(n);
    return;
  }
  io_uring_sqe* entry = next_entry(single ? IORING_OP_SEND : IORING_OP_SENDMSG, op_send, c);
  entry->addr = std::bit_cast<std::uint64_t>(single ? only.iov_base : &send.message);
  entry->len = single ? static_cast<std::uint32_t>(only.iov_len) : 1;
  entry->msg_flags = MSG_DONTWAIT | MSG_WAITALL | MSG_NOSIGNAL;
  // The last send of a connection is waited for: its completion is what makes us close.
  if (!connection.finished) entry->flags |= IOSQE_CQE_SKIP_SUCCESS;
}

void touch(std::uint32_t c) {
  if (connections[c].touched) return;
  connections[c].touched = true;
  touched.push_back(c);
}

// The sends of the turn before were tried when they were submitted, so all that fell short are
// known now and the others are done: their buffers are free.
void settle_sends() {
  for (const Send& send : sends) {
    Connection& connection = connections[send.connection];
    connection.send = 0;
    if (send.sent < send.length && !connection.failed) {
      counters.partial_sends++;
      keep_rest(connection, segments_in_flight, send.first_segment, send.length, send.sent);
      touch(send.connection);
    } else if (connection.failed || connection.finished) {
      touch(send.connection);
    }
  }
  sends.clear();
  vectors.clear();
  segments_in_flight.clear();
}

// Does for a connection, once a turn, what its completions of the turn call for.
void advance(std::uint32_t c, bool direct) {
  Connection& connection = connections[c];
  connection.touched = false;
  const bool behind = connection.rest != nullptr || connection.flushing != nullptr;
  const bool refused = options.framed && connection.length > 0 && !reframe_received(connection);
  if (connection.length > 0 && !options.discard && !connection.failed) {
    if (behind) {
      keep_rest(connection, segments, connection.first_segment, connection.length, 0);
    } else {
      send_received(c, direct);
    }
  }
  connection.length = 0;
  if (refused) connection.failed = true;
  if (connection.rest != nullptr && connection.flushing == nullptr && !connection.failed) flush(c);

  const bool sending = connection.send != 0 || connection.flushing != nullptr;
  if (connection.receiving) {
    if ((behind || connection.failed) && !connection.cancelling) stop_receiving(c);
  } else if (connection.failed || connection.finished) {
    if (!sending) close_connection(c);
  } else if (connection.flushing == nullptr) {
    receive(c);
  }
}

void received(std::uint32_t c, const io_uring_cqe& completion) {
  Connection& connection = connections[c];
  touch(c);
  char* bytes = ring.received_bytes(completion);
  if ((completion.flags & IORING_CQE_F_MORE) == 0) {
    connection.receiving = connection.cancelling = false;
  }
  if (completion.res > 0) {
    const auto length = static_cast<std::uint32_t>(completion.res);
    counters.receives++;
    counters.bytes_received += length;
    const auto next = static_cast<std::uint32_t>(segments.size());
    if (connection.length == 0) {
      connection.first_segment = next;
    } else {
      Segment& last = segments[connection.last_segment];
      if (last.bytes + last.length == bytes) {  // incremental buffers often continue
        last.length += length;
        connection.length += length;
        return;
      }
      last.next = next;
    }
    connection.last_segment = next;
    connection.length += length;
    segments.push_back({.bytes = bytes, .length = length, .next = none});
  } else if (completion.res == 0) {
    connection.finished = true;
  } else if (completion.res == -ENOBUFS) {
    out_of_buffers++;  // advance() arms it again; buffers come back every turn
  } else if (completion.res != -ECANCELED) {
    connection.failed = true;
  }
}

void flushed(std::uint32_t c, int result) {
  Connection& connection = connections[c];
  if (result < 0) connection.failed = true;
  if (result > 0) connection.flush_begin += static_cast<std::size_t>(result);
  if (!connection.failed && connection.flush_begin < connection.flush_end) return flush(c);
  std::free(std::exchange(connection.flushing, nullptr));
  touch(c);
}

void handle(const io_uring_cqe& completion) {
  const auto c = static_cast<std::uint32_t>(completion.user_data >> 8U);
  switch (static_cast<Operation>(completion.user_data & 0xffU)) {
    case op_signal:
      stopping = true;
      break;
    case op_accept:
      if ((completion.flags & IORING_CQE_F_MORE) == 0) accepting = false;
      if (completion.res >= 0) {
        counters.connections++;
        touch(static_cast<std::uint32_t>(completion.res));
      }
      if (!accepting && completion.res != -EMFILE && completion.res != -ENFILE) {
        accept_connections();
      }
      break;
    case op_receive:
      received(c, completion);
      break;
    case op_send: {
      Send& send = sends[connections[c].send - 1];
      send.sent = completion.res < 0 ? 0 : static_cast<std::size_t>(completion.res);
      if (completion.res < 0 && completion.res != -EAGAIN) connections[c].failed = true;
      break;
    }
    case op_flush:
      flushed(c, completion.res);
      break;
    case op_ignored:
      break;
  }
}

void run() {
  accept_connections();
  while (!stopping) {
    ring.enter(1);
    // Before the sends are settled, all completions: any might say that a send fell short.
    ring.drain(handle);
    settle_sends();
    ring.give_back(used_up_in_flight);

    const bool direct = touched.size() < options.direct_below;
    vectors.reserve(segments.size());
    if (options.framed) {
      replies_used = 0;
      replies.resize(std::max(replies.size(), replies_bytes_max()));
    }
    sends.reserve(touched.size());
    do {
      std::swap(touched, touched_before);
      for (const std::uint32_t c : touched_before) advance(c, direct);
      touched_before.clear();
      std::swap(segments, segments_in_flight);
      std::swap(replies, replies_in_flight);
      if (direct) settle_sends();  // which touches connections whose send fell short
    } while (!touched.empty());
    std::swap(ring.used_up, used_up_in_flight);
    // Nothing of this turn is left in the ring: what follows need not wait for the next one.
    if (sends.empty()) ring.give_back(used_up_in_flight);
  }
}

void wait_for_stop_signals() {
  io_uring_sqe* entry = next_entry(IORING_OP_POLL_ADD, op_signal, 0);
  entry->fd = peer::open_stop_signals();
  entry->flags = 0;
  entry->poll32_events = POLLIN;
}

void report() {
  counters.waits = ring.waits;
  counters.syscalls += ring.enters;
  peer::Report out = peer::begin_report("raw_uring", options, counters);
  out.text("buffers", ring.options.incremental ? "incremental" : "classic");
  out.number("out_of_buffers", out_of_buffers);
  out.end();
}

void parse(int count, char** values) {
  peer::Arguments arguments = {
      count, values,
      "usage: raw_uring echo|discard [--port N] [--cpu N] [--size BYTES]\n"
      "                 [--codec raw|len32]\n"
      "                 [--buffers incremental|classic] [--buffer-bytes N] [--buffer-count N]\n"
      "                 [--direct-below N] [--fixed-files]\n"};
  options.discard = arguments.either("discard", "echo");
  while (const char* flag = arguments.next()) {
    const auto is = [&](const char* name) { return std::strcmp(flag, name) == 0; };
    if (options.take(flag, arguments)) continue;
    if (is("--codec")) {
      options.framed = arguments.either("len32", "raw");
    } else if (is("--buffers")) {
      options.ring.incremental = arguments.either("incremental", "classic");
    } else if (is("--buffer-bytes")) {
      options.ring.buffer_bytes = arguments.whole(64, 1U << 24U);
    } else if (is("--buffer-count")) {
      options.ring.buffer_count = arguments.whole(1, 32768);
    } else if (is("--direct-below")) {
      options.direct_below = arguments.whole(0, UINT_MAX);
    } else if (is("--fixed-files")) {
      options.fixed_files = true;
    } else {
      arguments.usage();
    }
  }
  if (!std::has_single_bit(options.ring.buffer_count)) arguments.usage();
  if (options.framed && options.discard) arguments.usage();
  // A slot of the fixed file table is nothing send() could take.
  if (options.fixed_files && options.direct_below != 0) arguments.usage();
}

}  // namespace

int main(int count, char** values) {
  parse(count, values);
  peer::pin_to_cpu(options.cpu);
  const std::size_t connections_max = peer::raise_descriptors_max();
  connections = peer::reserve<Connection>(connections_max);
  ring.set_up(options.ring);
  if (options.fixed_files) {
    const auto slots = static_cast<unsigned>(connections_max);
    const int error = io_uring_register_files_sparse(&ring.ring, slots);
    if (error != 0) fail("io_uring_register_files_sparse", -error);
  }
  wait_for_stop_signals();
  listener_fd = peer::listen_on_loopback(options.port, 0);
  run();
  report();
}
