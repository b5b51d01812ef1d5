// The load for the UDP rounds of tools/dev/bench-udp.sh: the same client against each server, so
// that the server is the only thing that differs. One thread, one epoll, no weir.
//
//     raw_udp_client echo  --connect HOST:PORT [-c N] [--depth N] [--size BYTES] [--segments N]
//                          LIMIT
//     raw_udp_client blast --connect HOST:PORT [--size BYTES] [--segments N] [--rate N]
//                          --duration SECONDS
//     LIMIT := --duration SECONDS | --requests N
//     also:    [--warmup SECONDS] [--gated] [--cpu N]
//
// `echo` is a closed loop: each of N sockets keeps `depth` requests in flight. A request is one
// datagram or, with --segments, a train of several that leaves in one system call (UDP_SEGMENT); it
// is answered when all its datagrams are back, and what is missing after a second counts as lost.
// Every datagram carries who sent it, its number and a pattern that follows from both, so a
// duplicate, a swap between sockets or a changed byte is noticed.
//
//     0        2                       8
//     +--------+-----------------------+---------------------------
//     | socket | train * 64 + segment  | pattern, from where the
//     | u16    | u48                   | number says
//     +--------+-----------------------+---------------------------
//
// `blast` sends one way, at most --rate datagrams a second; what arrives is for the sink to say.
//
// Each run ends with one line of JSON, in which a request is a datagram; the exit code is 1 if
// anything was wrong, which losses are not. With --gated it prints `CONNECTED`, then does one run
// for each line on stdin until that ends; its lines then also have all latencies of an echo as
// pairs: how many took at most so many ns.
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <vector>

#include "latency_histogram.h"
#include "peer_process.h"
#include "udp_train.h"

namespace {

using peer::datagram_bytes_max;
using peer::fail;
using peer::now_ns;
using peer::second_ns;
using peer::segments_max;

constexpr std::uint64_t loss_ns = second_ns;  // a server that others keep from running is no loss
constexpr std::uint64_t scan_ns = second_ns / 20;  // between two looks for what was lost
constexpr std::size_t stamp_bytes = 8;
constexpr unsigned batch_max = 64;
constexpr int events_max = 512;

struct Options {
  bool blast = false, gated = false;
  sockaddr_in server = {};
  std::size_t sockets = 1;
  std::uint64_t depth = 1;
  std::size_t payload_bytes = 64;
  unsigned segments = 1;
  std::uint64_t rate = 0;      // 0: as fast as it goes
  std::uint64_t requests = 0;  // 0: until `duration_ns`
  std::uint64_t duration_ns = 0, warmup_ns = 0;
  int cpu = -1;
};

// One request in flight. Its train numbers are its index plus multiples of `depth`.
struct Slot {
  std::uint64_t train, sent_ns;
  std::uint64_t missing;  // a bit for each datagram that is not back; 0: idle
};

struct Run {
  std::uint64_t requests_max, duration_ns;  // one of them is 0: no limit
  bool running;                             // new requests are issued
  std::uint64_t start_ns, end_ns;
  std::uint64_t issued, completed, in_flight, lost;  // datagrams
  std::uint64_t unexpected;                          // answers nobody waits for (any more)
  std::uint64_t errors;
  peer::LatencyHistogram latency;
};

Options options;
Run run;
std::vector<int> sockets;
std::vector<Slot> slots;           // `depth` for each socket
std::vector<std::uint32_t> ready;  // slots of the socket at hand that are to send
int epoll_fd;

// The pattern of the datagram numbered n begins at n % 64 words.
constexpr std::size_t shifts = 64;
alignas(64) char pattern[datagram_bytes_max + shifts * 8];
constexpr std::uint64_t word_step = 0x9e3779b97f4a7c15;

struct Batch {
  mmsghdr messages[batch_max];
  iovec parts[batch_max];
};
Batch incoming, outgoing;
char* incoming_bytes;  // for one train, or for batch_max datagrams
char* outgoing_bytes;

void broken(std::size_t socket, const char* what) {
  if (run.errors++ < 5) std::fprintf(stderr, "raw_udp_client: socket %zu: %s\n", socket, what);
  run.running = false;
}

std::uint64_t stamp_of(std::size_t socket, std::uint64_t train, unsigned segment) {
  return std::uint64_t{socket} | (train * segments_max + segment) << 16U;
}

const char* pattern_of(std::uint64_t stamp) { return pattern + (stamp >> 16U) % shifts * 8; }

void write_datagram(char* bytes, std::uint64_t stamp) {
  std::memcpy(bytes, &stamp, stamp_bytes);
  std::memcpy(bytes + stamp_bytes, pattern_of(stamp), options.payload_bytes - stamp_bytes);
}
static_assert(std::endian::native == std::endian::little, "the stamp is laid out little-endian");

// A refused send is left to time out like one that was lost on its way, unless the server is gone.
void check_sent(std::size_t socket, ssize_t result) {
  if (result < 0 && errno != EAGAIN && errno != ENOBUFS) broken(socket, std::strerror(errno));
}

void send_train(std::size_t socket, const Slot& slot) {
  const std::size_t length = options.payload_bytes * options.segments;
  for (unsigned i = 0; i < options.segments; i++) {
    write_datagram(outgoing_bytes + i * options.payload_bytes, stamp_of(socket, slot.train, i));
  }
  check_sent(socket, send(sockets[socket], outgoing_bytes, length, MSG_NOSIGNAL));
}

// One system call for all requests the socket owes.
void send_datagrams(std::size_t socket) {
  for (std::size_t first = 0; first < ready.size(); first += batch_max) {
    const std::size_t count = std::min<std::size_t>(batch_max, ready.size() - first);
    for (std::size_t i = 0; i < count; i++) {
      const Slot& slot = slots[ready[first + i]];
      char* bytes = outgoing_bytes + i * options.payload_bytes;
      write_datagram(bytes, stamp_of(socket, slot.train, 0));
      outgoing.parts[i] = {.iov_base = bytes, .iov_len = options.payload_bytes};
      outgoing.messages[i].msg_hdr.msg_iov = &outgoing.parts[i];
      outgoing.messages[i].msg_hdr.msg_iovlen = 1;
    }
    if (count == 1) {
      check_sent(socket, send(sockets[socket], outgoing_bytes, options.payload_bytes, 0));
    } else {
      check_sent(socket, sendmmsg(sockets[socket], outgoing.messages, static_cast<unsigned>(count),
                                  MSG_NOSIGNAL));
    }
  }
}

// Issues a new request in each slot of `ready`, as far as the run has any left, and sends them.
void issue_ready(std::size_t socket) {
  const std::uint64_t at_ns = now_ns(CLOCK_MONOTONIC);
  std::size_t kept = 0;
  for (const std::uint32_t index : ready) {
    if (run.requests_max != 0 && run.issued >= run.requests_max) run.running = false;
    if (!run.running) break;
    Slot& slot = slots[index];
    slot.train += options.depth;
    slot.sent_ns = at_ns;
    slot.missing = ~std::uint64_t{0} >> (segments_max - options.segments);
    run.issued += options.segments;
    run.in_flight += options.segments;
    ready[kept++] = index;
  }
  ready.resize(kept);
  if (options.segments == 1) {
    send_datagrams(socket);
  } else {
    for (const std::uint32_t index : ready) send_train(socket, slots[index]);
  }
  ready.clear();
}

void received(std::size_t socket, const char* bytes, std::size_t length, std::uint64_t at_ns) {
  if (length != options.payload_bytes) return broken(socket, "a datagram of another length");
  std::uint64_t stamp = 0;
  std::memcpy(&stamp, bytes, stamp_bytes);
  if ((stamp & 0xffffU) != socket) return broken(socket, "a datagram of another socket");
  if (std::memcmp(bytes + stamp_bytes, pattern_of(stamp), length - stamp_bytes) != 0) {
    return broken(socket, "the server changed the bytes");
  }
  const std::uint64_t train = (stamp >> 16U) / segments_max;
  const std::uint64_t bit = std::uint64_t{1} << (stamp >> 16U) % segments_max;
  const std::size_t index = socket * options.depth + train % options.depth;
  Slot& slot = slots[index];
  if (train > slot.train) return broken(socket, "a datagram that was never sent");
  if (slot.train != train || (slot.missing & bit) == 0) {
    run.unexpected++;
    return;
  }
  slot.missing &= ~bit;
  run.completed++;
  run.in_flight--;
  run.end_ns = at_ns;
  if (slot.missing != 0) return;
  run.latency.add(at_ns - slot.sent_ns);
  ready.push_back(static_cast<std::uint32_t>(index));
}

// Receives one train, or one datagram. \returns whether there was any.
bool receive_train(std::size_t socket) {
  alignas(cmsghdr) char control[peer::train_control_bytes];
  iovec part = {.iov_base = incoming_bytes, .iov_len = peer::train_bytes_max};
  msghdr header = {};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  const ssize_t n = recvmsg(sockets[socket], &header, 0);
  if (n < 0) {
    if (errno != EAGAIN) broken(socket, std::strerror(errno));
    return false;
  }
  const auto length = static_cast<std::size_t>(n);
  const std::size_t segment = peer::segment_bytes(CMSG_FIRSTHDR(&header), length);
  const std::uint64_t at_ns = now_ns(CLOCK_MONOTONIC);
  std::size_t first = 0;
  do {
    received(socket, incoming_bytes + first, std::min(segment, length - first), at_ns);
    first += segment;
  } while (first < length);
  return true;
}

// Receives what is there, up to a batch. \returns whether there may be more.
bool receive_datagrams(std::size_t socket) {
  if (options.depth == 1) {
    const ssize_t n = recv(sockets[socket], incoming_bytes, options.payload_bytes + 1, 0);
    if (n < 0 && errno != EAGAIN) broken(socket, std::strerror(errno));
    if (n < 0) return false;
    received(socket, incoming_bytes, static_cast<std::size_t>(n), now_ns(CLOCK_MONOTONIC));
    return false;
  }
  const int n = recvmmsg(sockets[socket], incoming.messages, batch_max, 0, nullptr);
  if (n < 0 && errno != EAGAIN) broken(socket, std::strerror(errno));
  const std::uint64_t at_ns = now_ns(CLOCK_MONOTONIC);
  for (int i = 0; i < n; i++) {
    received(socket, static_cast<const char*>(incoming.parts[i].iov_base),
             incoming.messages[i].msg_len, at_ns);
  }
  return n == static_cast<int>(batch_max);
}

void serve_socket(std::size_t socket) {
  if (options.segments > 1) {
    while (receive_train(socket)) {
    }
  } else {
    while (receive_datagrams(socket)) {
    }
  }
  if (!ready.empty()) issue_ready(socket);
}

// Gives up on what has been in flight for too long, and goes on with a new request in its place.
void give_up_lost(std::uint64_t at_ns) {
  for (std::size_t i = 0; i < slots.size(); i++) {
    Slot& slot = slots[i];
    if (slot.missing == 0 || at_ns < slot.sent_ns + loss_ns) continue;
    const auto missing = static_cast<std::uint64_t>(std::popcount(slot.missing));
    run.lost += missing;
    run.in_flight -= missing;
    slot.missing = 0;
    ready.push_back(static_cast<std::uint32_t>(i));
    issue_ready(i / options.depth);
  }
}

void begin_run(std::uint64_t requests_max, std::uint64_t duration_ns) {
  run = {};
  run.requests_max = requests_max;
  run.duration_ns = duration_ns;
  run.running = true;
  run.start_ns = run.end_ns = now_ns(CLOCK_MONOTONIC);
}

// One round: fill all slots, keep them going until the limit, wait for the last answers.
void run_echo(std::uint64_t requests_max, std::uint64_t duration_ns) {
  static epoll_event events[events_max];
  begin_run(requests_max, duration_ns);
  for (std::size_t socket = 0; socket < sockets.size(); socket++) {
    for (std::uint64_t i = 0; i < options.depth; i++) {
      ready.push_back(static_cast<std::uint32_t>(socket * options.depth + i));
    }
    issue_ready(socket);
  }
  std::uint64_t next_scan_ns = run.start_ns + scan_ns;
  while ((run.running || run.in_flight != 0) && run.errors == 0) {
    const int count = epoll_wait(epoll_fd, events, events_max, 50);
    for (int i = 0; i < count; i++) serve_socket(static_cast<std::size_t>(events[i].data.u64));
    const std::uint64_t at_ns = now_ns(CLOCK_MONOTONIC);
    if (duration_ns != 0 && at_ns >= run.start_ns + duration_ns) run.running = false;
    if (at_ns < next_scan_ns) continue;
    next_scan_ns = at_ns + scan_ns;
    give_up_lost(at_ns);
  }
}

void sleep_until(std::uint64_t at_ns) {
  const timespec time = {.tv_sec = static_cast<time_t>(at_ns / second_ns),
                         .tv_nsec = static_cast<long>(at_ns % second_ns)};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr);
}

// Bursts of about 64 datagrams: trains, or one sendmmsg().
void run_blast(std::uint64_t duration_ns) {
  begin_run(0, duration_ns);
  const unsigned burst = options.segments == 1 ? batch_max : options.segments;
  for (unsigned i = 0; i < burst; i++) {
    char* bytes = outgoing_bytes + i * options.payload_bytes;
    write_datagram(bytes, stamp_of(0, 0, i));
    outgoing.parts[i] = {.iov_base = bytes, .iov_len = options.payload_bytes};
    outgoing.messages[i].msg_hdr.msg_iov = &outgoing.parts[i];
    outgoing.messages[i].msg_hdr.msg_iovlen = 1;
  }
  for (std::uint64_t bursts = 0; run.end_ns < run.start_ns + duration_ns; bursts++) {
    if (options.rate != 0) sleep_until(run.start_ns + bursts * burst * second_ns / options.rate);
    ssize_t n = 0;
    if (options.segments == 1) {
      n = sendmmsg(sockets[0], outgoing.messages, batch_max, 0);
    } else {
      n = send(sockets[0], outgoing_bytes, options.payload_bytes * options.segments, 0) < 0
              ? -1
              : static_cast<ssize_t>(options.segments);
    }
    check_sent(0, n);
    if (run.errors != 0) return;
    if (n > 0) run.completed += static_cast<std::uint64_t>(n);
    run.end_ns = now_ns(CLOCK_MONOTONIC);
  }
  run.issued = run.completed;
}

void do_run(std::uint64_t requests_max, std::uint64_t duration_ns) {
  options.blast ? run_blast(duration_ns) : run_echo(requests_max, duration_ns);
}

void report(std::uint64_t cpu_ns) {
  const double seconds = static_cast<double>(run.end_ns - run.start_ns) / 1e9;
  peer::Report out;
  out.text("mode", options.blast ? "blast" : "echo");
  out.number("sockets", sockets.size());
  out.number("depth", options.depth);
  out.number("size", std::uint64_t{options.payload_bytes});
  out.number("segments", std::uint64_t{options.segments});
  out.number("issued", run.issued);
  out.number("requests", run.completed);
  out.number("bytes", run.completed * options.payload_bytes);
  out.number("lost", run.lost);
  out.number("unexpected", run.unexpected);
  out.number("seconds", seconds);
  out.number("requests_per_second",
             seconds > 0 ? static_cast<double>(run.completed) / seconds : 0.0);
  out.number("errors", run.errors);
  const std::uint64_t answered = run.completed / options.segments;
  const auto latency = [&](const char* name, std::uint64_t permille) {
    const std::uint64_t rank = (answered - 1) * permille / 1000;
    out.number(name, static_cast<double>(run.latency.at(rank)) / 1e3);
  };
  if (answered > 0 && !options.blast) {
    latency("p50_us", 500);
    latency("p99_us", 990);
    latency("max_us", 1000);
    if (options.gated) {
      out.pairs("latency_ns", [](const auto& pair) { run.latency.each(pair); });
    }
  }
  out.number("client_cpu_ns", cpu_ns);
  out.end();
}

void open_socket(std::size_t number) {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) fail("socket");
  const int bytes = 4 << 20;
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0) {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  }
  if (options.segments > 1) {
    const int segment = static_cast<int>(options.payload_bytes);
    if (setsockopt(fd, SOL_UDP, UDP_SEGMENT, &segment, sizeof segment) != 0) fail("UDP_SEGMENT");
    const int on = 1;
    if (setsockopt(fd, SOL_UDP, UDP_GRO, &on, sizeof on) != 0) fail("UDP_GRO");
  }
  if (connect(fd, reinterpret_cast<sockaddr*>(&options.server), sizeof options.server) != 0) {
    fail("connect");
  }
  epoll_event event = {.events = EPOLLIN, .data = {.u64 = number}};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
  sockets.push_back(fd);
}

void prepare() {
  for (std::size_t i = 0; i < sizeof pattern / 8; i++) {
    const std::uint64_t word = (i + 1) * word_step;
    std::memcpy(pattern + i * 8, &word, 8);
  }
  // One byte more than expected, so that a longer answer is seen to be longer.
  const std::size_t room = options.payload_bytes + 1;
  incoming_bytes = peer::reserve<char>(std::max(peer::train_bytes_max, batch_max * room));
  outgoing_bytes = peer::reserve<char>(batch_max * options.payload_bytes);
  for (unsigned i = 0; i < batch_max; i++) {
    incoming.parts[i] = {.iov_base = incoming_bytes + i * room, .iov_len = room};
    incoming.messages[i].msg_hdr.msg_iov = &incoming.parts[i];
    incoming.messages[i].msg_hdr.msg_iovlen = 1;
  }
  slots.resize(options.sockets * options.depth);
  for (std::size_t i = 0; i < slots.size(); i++) slots[i].train = i % options.depth;
}

bool is_consistent() {
  if (options.server.sin_port == 0) return false;
  if ((options.requests == 0) == (options.duration_ns == 0)) return false;
  if (options.blast && (options.requests != 0 || options.sockets != 1)) return false;
  if (!options.blast && options.rate != 0) return false;
  if (options.requests % options.segments != 0) return false;
  return options.segments == 1 || options.payload_bytes * options.segments <= datagram_bytes_max;
}

void parse(int count, char** values) {
  peer::Arguments arguments = {
      count, values,
      "usage: raw_udp_client echo|blast --connect HOST:PORT [--size BYTES] [--segments N]\n"
      "                      --duration SECONDS | --requests N    (blast: a duration)\n"
      "                      [-c N] [--depth N]                   echo\n"
      "                      [--rate N]                           blast\n"
      "                      [--warmup SECONDS] [--gated] [--cpu N]\n"};
  options.blast = arguments.either("blast", "echo");
  while (const char* flag = arguments.next()) {
    const auto is = [&](const char* name) { return std::strcmp(flag, name) == 0; };
    if (is("--connect")) {
      options.server = arguments.address();
    } else if (is("-c")) {
      options.sockets = arguments.whole(1, 65535);
    } else if (is("--depth")) {
      options.depth = arguments.whole(1, 4096);
    } else if (is("--size")) {
      options.payload_bytes = arguments.whole(stamp_bytes, datagram_bytes_max);
    } else if (is("--segments")) {
      options.segments = arguments.whole(1, segments_max);
    } else if (is("--rate")) {
      options.rate = arguments.whole(1, 1'000'000'000);
    } else if (is("--requests")) {
      options.requests = arguments.whole(1, UINT32_MAX);
    } else if (is("--duration")) {
      options.duration_ns = static_cast<std::uint64_t>(arguments.number(0.001, 3600) * 1e9);
    } else if (is("--warmup")) {
      options.warmup_ns = static_cast<std::uint64_t>(arguments.number(0, 60) * 1e9);
    } else if (is("--cpu")) {
      options.cpu = static_cast<int>(arguments.whole(0, CPU_SETSIZE - 1));
    } else if (is("--gated")) {
      options.gated = true;
    } else {
      arguments.usage();
    }
  }
  if (!is_consistent()) arguments.usage();
}

}  // namespace

int main(int count, char** values) {
  parse(count, values);
  peer::pin_to_cpu(options.cpu);
  peer::raise_descriptors_max();
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_fd < 0) fail("epoll_create1");
  for (std::size_t i = 0; i < options.sockets; i++) open_socket(i);
  prepare();
  if (options.warmup_ns != 0) do_run(0, options.warmup_ns);
  std::uint64_t errors = run.errors;
  if (options.gated) {
    std::puts("CONNECTED");
    std::fflush(stdout);
  }
  char line[64];
  while (errors == 0 && (!options.gated || std::fgets(line, sizeof line, stdin) != nullptr)) {
    const std::uint64_t cpu_ns = now_ns(CLOCK_PROCESS_CPUTIME_ID);
    do_run(options.requests, options.duration_ns);
    report(now_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu_ns);
    errors += run.errors;
    if (!options.gated) break;
  }
  return errors == 0 ? 0 : 1;
}
