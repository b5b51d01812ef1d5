// What the peers share and what is not measured: arguments, pinning, the listener, the report.
// No weir in it, and nothing that runs per request.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace peer {

[[noreturn]] inline void fail(const char* what, int error = errno) {
  std::fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, std::strerror(error));
  std::exit(1);
}

/// The command line, read flag by flag; anything unexpected ends the process with the usage text.
struct Arguments {
  int count;
  char** values;
  const char* usage_text;
  int at = 0;

  [[noreturn]] void usage() const {
    std::fputs(usage_text, stderr);
    std::exit(2);
  }
  const char* next() { return at + 1 < count ? values[++at] : nullptr; }
  const char* text() {
    const char* value = next();
    if (value == nullptr) usage();
    return value;
  }
  double number(double least, double most) {
    const char* value = text();
    char* end = nullptr;
    const double result = std::strtod(value, &end);
    if (end == value || *end != '\0' || !(result >= least && result <= most)) usage();
    return result;
  }
  unsigned whole(unsigned least, unsigned most) {
    const double result = number(least, most);
    if (result != static_cast<unsigned>(result)) usage();
    return static_cast<unsigned>(result);
  }
  /// HOST:PORT, of IPv4 and in numbers.
  sockaddr_in address() {
    char host[INET_ADDRSTRLEN] = {};
    unsigned port = 0;
    char excess = 0;
    sockaddr_in result = {};
    if (std::sscanf(text(), "%15[0-9.]:%5u%c", host, &port, &excess) != 2) usage();
    if (inet_pton(AF_INET, host, &result.sin_addr) != 1 || port > 65535) usage();
    result.sin_family = AF_INET;
    result.sin_port = htons(static_cast<std::uint16_t>(port));
    return result;
  }
  /// One of two words: whether it is `yes`.
  bool either(const char* yes, const char* no) {
    const char* value = text();
    if (std::strcmp(value, yes) != 0 && std::strcmp(value, no) != 0) usage();
    return std::strcmp(value, yes) == 0;
  }
};

constexpr std::uint64_t second_ns = 1'000'000'000;

inline std::uint64_t now_ns(clockid_t clock) {
  timespec time = {};
  clock_gettime(clock, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * second_ns +
         static_cast<std::uint64_t>(time.tv_nsec);
}

/// `cpu` = -1 leaves the choice to the scheduler.
inline void pin_to_cpu(int cpu) {
  if (cpu < 0) return;
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(static_cast<std::size_t>(cpu), &cpus);
  if (sched_setaffinity(0, sizeof cpus, &cpus) != 0) fail("sched_setaffinity");
}

/// Raises the limit of open files as far as it goes, within reason. No descriptor reaches the
/// result.
inline std::size_t raise_descriptors_max() {
  rlimit files = {};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = std::min<rlim_t>(files.rlim_max, 1U << 20U);
  if (setrlimit(RLIMIT_NOFILE, &files) != 0) fail("setrlimit");
  return files.rlim_cur;
}

/// Zeroed memory for `count` objects. Reserved, not touched: pages become real as they are used.
template <typename T>
T* reserve(std::size_t count) {
  void* memory = mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) fail("mmap");
  return static_cast<T*>(memory);
}

/// Tells whoever started us that connecting works from here on. `port` is in host byte order.
inline void print_ready(unsigned port) {
  std::printf("READY 127.0.0.1:%u\n", port);
  std::fflush(stdout);
}

/// A listening socket on loopback; it has printed where.
inline int listen_on_loopback(unsigned port, int flags) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  if (fd < 0) fail("socket");
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // Accepted sockets inherit it on Linux, which saves a system call a connection.
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  // POSIX passes all kinds of address through this one type.
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(fd, generic, sizeof address) != 0) fail("bind");
  if (listen(fd, 4096) != 0) fail("listen");
  if (getsockname(fd, generic, &length) != 0) fail("getsockname");
  print_ready(ntohs(address.sin_port));
  return fd;
}

/// A descriptor that becomes readable on SIGINT or SIGTERM: no race with the loop going to sleep,
/// and no cost in it.
inline int open_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  const int fd = signalfd(-1, &signals, SFD_CLOEXEC);
  if (fd < 0) fail("signalfd");
  return fd;
}

/// One line of JSON: text, numbers and pairs of them in the order they come.
struct Report {
  const char* separator = "{";

  void text(const char* name, const char* value) {
    std::printf("%s\"%s\": \"%s\"", separator, name, value);
    separator = ", ";
  }
  void number(const char* name, std::uint64_t value) {
    std::printf("%s\"%s\": %llu", separator, name, static_cast<unsigned long long>(value));
    separator = ", ";
  }
  void number(const char* name, double value) {
    std::printf("%s\"%s\": %.6f", separator, name, value);
    separator = ", ";
  }
  /// `[[first, second], ...]`: `each` calls what it is given with both numbers of each pair.
  template <typename Each>
  void pairs(const char* name, Each each) {
    std::printf("%s\"%s\": [", separator, name);
    separator = "";
    each([this](std::uint64_t first, std::uint64_t second) {
      std::printf("%s[%llu, %llu]", separator, static_cast<unsigned long long>(first),
                  static_cast<unsigned long long>(second));
      separator = ", ";
    });
    std::printf("]");
    separator = ", ";
  }
  void end() {
    std::puts("}");
    std::fflush(stdout);
  }
};

/// What every server is told.
struct ServerOptions {
  bool discard = false;
  unsigned port = 0;
  int cpu = -1;
  std::uint64_t message_bytes = 64;  // only to turn bytes into requests in the report

  /// Whether `flag` is one of these; if so it is read.
  bool take(const char* flag, Arguments& arguments) {
    if (std::strcmp(flag, "--port") == 0) {
      port = arguments.whole(0, 65535);
    } else if (std::strcmp(flag, "--cpu") == 0) {
      cpu = static_cast<int>(arguments.whole(0, CPU_SETSIZE - 1));
    } else if (std::strcmp(flag, "--size") == 0) {
      message_bytes = arguments.whole(1, 1U << 30U);
    } else {
      return false;
    }
    return true;
  }
};

/// What every server counts. Of its waits and system calls only a raw loop knows, in which there is
/// at least one; a peer on a library leaves both out.
struct ServerCounters {
  std::uint64_t connections, bytes_received, receives, sends, partial_sends, waits, syscalls;
};

inline Report begin_report(const char* server, const ServerOptions& options,
                           const ServerCounters& counters) {
  Report out;
  out.text("server", server);
  out.text("mode", options.discard ? "discard" : "echo");
  out.number("connections", counters.connections);
  out.number("requests", counters.bytes_received / options.message_bytes);
  out.number("bytes", counters.bytes_received);
  out.number("receives", counters.receives);
  out.number("sends", counters.sends);
  out.number("partial_sends", counters.partial_sends);
  if (counters.syscalls != 0) {
    out.number("waits", counters.waits);
    out.number("syscalls", counters.syscalls);
  }
  out.number("cpu_ns", now_ns(CLOCK_PROCESS_CPUTIME_ID));
  return out;
}

}  // namespace peer
