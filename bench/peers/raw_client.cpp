// The load for every round of tools/dev/bench-echo.sh: the same client against each server, so that
// the server is the only thing that differs. One thread, one epoll, no weir.
//
//     raw_client echo   --connect HOST:PORT [-c N] [--depth N] [--size BYTES] LIMIT
//     raw_client stream --connect HOST:PORT [-c N] [--size BYTES] LIMIT
//     LIMIT := --duration SECONDS | --requests N
//     also:    [--warmup SECONDS] [--gated] [--cpu N] [--codec raw|len32]
//
// `echo` is a closed loop: each connection keeps `depth` requests in flight and compares every byte
// that comes back. What it sends at byte p of connection c follows from (c, p) alone, in 64-bit
// words that never repeat, so nothing has to be remembered and no loss, duplication, swap or
// corruption can pass. With --codec len32 each request has its length in front, 4 bytes big-endian
// that --size does not count, and must come back with it. `stream` sends as fast as the kernel
// takes it, for a discard server.
//
// Each run ends with one line of JSON; the exit code is 1 if anything was wrong. With --gated it
// prints `CONNECTED`, then does one run for each line on stdin until that ends: whoever measures
// the server can read its counters while nothing is under way, connecting and warming up excluded.
// Its lines then also have all latencies of an echo as pairs: how many took at most so many ns.
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
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

namespace {

using peer::fail;
using peer::now_ns;
using peer::second_ns;

constexpr std::uint64_t grace_ns = 5 * second_ns;  // for the last answers of a run
constexpr std::size_t buffer_bytes = 1024UL * 1024;
constexpr int events_max = 512;

struct Options {
  bool stream = false, gated = false;
  sockaddr_in server = {};
  std::size_t connections = 1;
  std::uint64_t depth = 1;
  std::uint64_t message_bytes = 64;  // with the prefix
  std::uint64_t prefix_bytes = 0;    // of them: the length of the others
  std::uint64_t requests = 0;        // 0: until `duration_ns`
  std::uint64_t duration_ns = 0, warmup_ns = 0;
  int cpu = -1;
};

// Positions count bytes since the connection began: received <= sent <= goal.
struct Connection {
  int fd;
  bool broken;
  std::uint64_t sent, goal, received;
};

struct Run {
  std::uint64_t requests_max, duration_ns;  // one of them is 0: no limit
  bool running;                             // new requests are issued
  std::uint64_t start_ns, end_ns, issued, completed, errors;
  std::size_t broken_connections;
  peer::LatencyHistogram latency;
};

Options options;
Run run;
std::vector<Connection> connections;
std::vector<std::uint64_t> send_times_ns;  // `depth` for each connection, by request number
int epoll_fd;
alignas(64) char buffer[buffer_bytes];
alignas(64) char expected[buffer_bytes];

// Word `index` of connection `c`: an odd factor makes it a permutation of 2^64, so no two words of
// all connections are the same. Adding the factor steps to the next one.
constexpr std::uint64_t word_step = 0x9e3779b97f4a7c15;
std::uint64_t word_at(std::size_t c, std::uint64_t index) {
  return ((static_cast<std::uint64_t>(c) << 40U) + index) * word_step;
}

// The bytes [position, position + length) of connection `c`. The odd bytes before the first and
// after the last whole word go one by one, the rest in a loop compilers vectorise.
void write_pattern(std::size_t c, std::uint64_t position, char* bytes, std::size_t length) {
  std::size_t i = 0;
  const auto single = [&] {
    const std::uint64_t word = word_at(c, (position + i) / 8);
    bytes[i] = static_cast<char>(word >> ((position + i) % 8 * 8));
    i++;
  };
  while (i < length && (position + i) % 8 != 0) single();
  std::uint64_t word = word_at(c, (position + i) / 8);
  for (; i + 8 <= length; i += 8, word += word_step) std::memcpy(bytes + i, &word, 8);
  while (i < length) single();
}

bool matches_pattern(std::size_t c, std::uint64_t position, const char* bytes, std::size_t length) {
  std::uint64_t difference = 0;
  std::size_t i = 0;
  const auto single = [&] {
    const std::uint64_t word = word_at(c, (position + i) / 8);
    difference |= static_cast<std::uint8_t>(word >> ((position + i) % 8 * 8)) ^
                  static_cast<std::uint8_t>(bytes[i]);
    i++;
  };
  while (i < length && (position + i) % 8 != 0) single();
  std::uint64_t word = word_at(c, (position + i) / 8);
  for (; i + 8 <= length; i += 8, word += word_step) {
    std::uint64_t received = 0;
    std::memcpy(&received, bytes + i, 8);
    difference |= received ^ word;
  }
  while (i < length) single();
  return difference == 0;
}
static_assert(std::endian::native == std::endian::little, "the pattern is laid out little-endian");

// What connection `c` sends: the pattern, and over it the prefix of each message.
void write_wire(std::size_t c, std::uint64_t position, char* bytes, std::size_t length) {
  write_pattern(c, position, bytes, length);
  if (options.prefix_bytes == 0) return;
  const std::uint64_t payload_bytes = options.message_bytes - options.prefix_bytes;
  const std::uint64_t end = position + length;
  for (std::uint64_t message = position - position % options.message_bytes; message < end;
       message += options.message_bytes) {
    for (std::uint64_t i = 0; i < options.prefix_bytes; i++) {
      const std::uint64_t at = message + i;
      const std::uint64_t shift = 8 * (options.prefix_bytes - 1 - i);
      if (at >= position && at < end)
        bytes[at - position] = static_cast<char>(payload_bytes >> shift);
    }
  }
}

bool matches_wire(std::size_t c, std::uint64_t position, const char* bytes, std::size_t length) {
  if (options.prefix_bytes == 0) return matches_pattern(c, position, bytes, length);
  write_wire(c, position, expected, length);
  return std::memcmp(bytes, expected, length) == 0;
}

void broken(std::size_t c, const char* what) {
  Connection& connection = connections[c];
  if (run.errors++ < 5) {
    std::fprintf(stderr, "raw_client: connection %zu: %s after %llu bytes\n", c, what,
                 static_cast<unsigned long long>(connection.received));
  }
  connection.broken = true;
  run.broken_connections++;
  epoll_ctl(epoll_fd, EPOLL_CTL_DEL, connection.fd, nullptr);
}

// Allows the connection `count` more requests, as far as the run has any left.
void issue(std::size_t c, std::uint64_t count, std::uint64_t at_ns) {
  if (!run.running) return;
  if (run.requests_max != 0) count = std::min(count, run.requests_max - run.issued);
  Connection& connection = connections[c];
  for (std::uint64_t i = 0; i < count; i++) {
    const std::uint64_t request = connection.goal / options.message_bytes + i;
    send_times_ns[c * options.depth + request % options.depth] = at_ns;
  }
  connection.goal += count * options.message_bytes;
  run.issued += count;
}

void complete(std::uint64_t count, std::uint64_t at_ns) {
  run.completed += count;
  run.end_ns = at_ns;
}

void send_some(std::size_t c) {
  Connection& connection = connections[c];
  while (connection.sent < connection.goal && !connection.broken) {
    const std::size_t length = std::min(buffer_bytes, connection.goal - connection.sent);
    if (!options.stream) write_wire(c, connection.sent, buffer, length);
    const ssize_t n = send(connection.fd, buffer, length, MSG_NOSIGNAL);
    if (n < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) broken(c, std::strerror(errno));
      return;
    }
    const std::uint64_t before = connection.sent / options.message_bytes;
    connection.sent += static_cast<std::uint64_t>(n);
    if (options.stream) {  // a request is done when the kernel has it
      const std::uint64_t count = connection.sent / options.message_bytes - before;
      if (count == 0) continue;
      const std::uint64_t at_ns = now_ns(CLOCK_MONOTONIC);
      complete(count, at_ns);
      if (run.duration_ns != 0 && at_ns >= run.start_ns + run.duration_ns) run.running = false;
      issue(c, count, at_ns);
    }
  }
}

void receive_some(std::size_t c) {
  Connection& connection = connections[c];
  for (;;) {
    const ssize_t n = recv(connection.fd, buffer, buffer_bytes, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0) return broken(c, std::strerror(errno));
    if (n == 0) return broken(c, "the server closed the connection");

    const auto length = static_cast<std::size_t>(n);
    if (options.stream || connection.received + length > connection.sent) {
      return broken(c, "the server sent more than it was sent");
    }
    if (!matches_wire(c, connection.received, buffer, length)) {
      return broken(c, "the server changed the bytes");
    }
    const std::uint64_t first = connection.received / options.message_bytes;
    connection.received += length;
    const std::uint64_t count = connection.received / options.message_bytes - first;
    const std::uint64_t at_ns = now_ns(CLOCK_MONOTONIC);
    for (std::uint64_t i = first; i < first + count; i++) {
      run.latency.add(at_ns - send_times_ns[c * options.depth + i % options.depth]);
    }
    complete(count, at_ns);
    issue(c, count, at_ns);
    if (length < buffer_bytes) return;
  }
}

// One round: start all connections, keep them going until the limit, wait for the last answers.
void do_run(std::uint64_t requests_max, std::uint64_t duration_ns) {
  static epoll_event events[events_max];
  run = {};
  run.requests_max = requests_max;
  run.duration_ns = duration_ns;
  run.running = true;
  run.start_ns = run.end_ns = now_ns(CLOCK_MONOTONIC);
  for (std::size_t c = 0; c < connections.size(); c++) {
    issue(c, options.depth, now_ns(CLOCK_MONOTONIC));
    send_some(c);
  }
  while (run.completed < run.issued || run.running) {
    const std::uint64_t at_ns = now_ns(CLOCK_MONOTONIC);
    if (duration_ns != 0 && at_ns >= run.start_ns + duration_ns) run.running = false;
    if (requests_max != 0 && run.issued >= requests_max) run.running = false;
    if (run.errors != 0) run.running = false;
    const bool hopeless = run.broken_connections == connections.size();
    if (hopeless || (!run.running && at_ns > run.end_ns + grace_ns)) {
      std::fprintf(stderr, "raw_client: %llu requests were not answered\n",
                   static_cast<unsigned long long>(run.issued - run.completed));
      run.errors++;
      return;
    }
    const int count = epoll_wait(epoll_fd, events, events_max, 100);
    for (int i = 0; i < count; i++) {
      const auto c = static_cast<std::size_t>(events[i].data.u64);
      if ((events[i].events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) receive_some(c);
      send_some(c);
    }
  }
}

void report(std::uint64_t cpu_ns) {
  const double seconds = static_cast<double>(run.end_ns - run.start_ns) / 1e9;
  peer::Report out;
  out.text("mode", options.stream ? "stream" : "echo");
  out.number("connections", connections.size());
  out.number("depth", options.depth);
  out.number("size", options.message_bytes - options.prefix_bytes);
  out.number("requests", run.completed);
  out.number("bytes", run.completed * options.message_bytes);
  out.number("seconds", seconds);
  out.number("requests_per_second",
             seconds > 0 ? static_cast<double>(run.completed) / seconds : 0.0);
  out.number("errors", run.errors);
  const auto latency = [&](const char* name, std::uint64_t permille) {
    const std::uint64_t rank = (run.completed - 1) * permille / 1000;
    out.number(name, static_cast<double>(run.latency.at(rank)) / 1e3);
  };
  if (run.completed > 0 && !options.stream) {
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

void connect_all() {
  for (std::size_t c = 0; c < options.connections; c++) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) fail("socket");
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, reinterpret_cast<sockaddr*>(&options.server), sizeof options.server) != 0) {
      fail("connect");
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    connections.push_back({.fd = fd, .broken = false, .sent = 0, .goal = 0, .received = 0});
    epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.u64 = c}};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
  }
}

// A reset leaves no TIME_WAIT behind, of which many rounds would exhaust the ports; a stream ends
// in order instead, because a reset would drop what the server has not read yet.
void close_all() {
  for (const Connection& connection : connections) {
    const linger reset = {.l_onoff = 1, .l_linger = 0};
    if (options.stream) {
      const timeval patience = {.tv_sec = 5, .tv_usec = 0};
      setsockopt(connection.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
      fcntl(connection.fd, F_SETFL, 0);
      shutdown(connection.fd, SHUT_WR);
      if (!connection.broken && recv(connection.fd, buffer, buffer_bytes, 0) != 0) run.errors++;
    } else {
      setsockopt(connection.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    }
    close(connection.fd);
  }
}

void parse(int count, char** values) {
  peer::Arguments arguments = {
      count, values,
      "usage: raw_client echo|stream --connect HOST:PORT [-c N] [--depth N] [--size BYTES]\n"
      "                  --duration SECONDS | --requests N\n"
      "                  [--warmup SECONDS] [--gated] [--cpu N] [--codec raw|len32]\n"};
  options.stream = arguments.either("stream", "echo");
  if (options.stream) options.message_bytes = 1U << 20U;
  while (const char* flag = arguments.next()) {
    const auto is = [&](const char* name) { return std::strcmp(flag, name) == 0; };
    if (is("--connect")) {
      options.server = arguments.address();
    } else if (is("-c")) {
      options.connections = arguments.whole(1, 1U << 20U);
    } else if (is("--depth")) {
      options.depth = arguments.whole(1, 4096);
    } else if (is("--size")) {
      options.message_bytes = arguments.whole(1, 1U << 30U);
    } else if (is("--requests")) {
      options.requests = arguments.whole(1, UINT32_MAX);
    } else if (is("--duration")) {
      options.duration_ns = static_cast<std::uint64_t>(arguments.number(0.001, 3600) * 1e9);
    } else if (is("--warmup")) {
      options.warmup_ns = static_cast<std::uint64_t>(arguments.number(0, 60) * 1e9);
    } else if (is("--cpu")) {
      options.cpu = static_cast<int>(arguments.whole(0, CPU_SETSIZE - 1));
    } else if (is("--codec")) {
      options.prefix_bytes = arguments.either("len32", "raw") ? 4 : 0;
    } else if (is("--gated")) {
      options.gated = true;
    } else {
      arguments.usage();
    }
  }
  const bool limited_once = (options.requests == 0) != (options.duration_ns == 0);
  const bool framed_stream = options.stream && options.prefix_bytes != 0;
  if (options.server.sin_port == 0 || !limited_once || framed_stream) arguments.usage();
  options.message_bytes += options.prefix_bytes;
}

}  // namespace

int main(int count, char** values) {
  parse(count, values);
  peer::pin_to_cpu(options.cpu);
  peer::raise_descriptors_max();
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_fd < 0) fail("epoll_create1");
  connect_all();
  send_times_ns.resize(options.connections * options.depth);
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
  run.errors = 0;
  close_all();
  return errors + run.errors == 0 ? 0 : 1;
}
