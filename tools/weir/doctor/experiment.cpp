#include "tools/weir/doctor/experiment.h"

#include <arpa/inet.h>
// For TCP_INFO with its counts of segments, which netinet/tcp.h lacks.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <fstream>
#include <sstream>
#include <system_error>

#include <fmt/format.h>

namespace weir::tools::doctor {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto patience = std::chrono::seconds(1);
constexpr int patience_ms = 1000;
constexpr std::size_t piece_bytes = std::size_t{64} << 10;

sockaddr_in loopback() noexcept {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// The sockets interface takes every kind of address through this type.
sockaddr* as_any(sockaddr_in& address) noexcept { return reinterpret_cast<sockaddr*>(&address); }

/// As in /proc/net/tcp: the address as a number of this machine, and the port.
std::string listed(const sockaddr_in& address) {
  return fmt::format("{:08X}:{:04X}", address.sin_addr.s_addr, ntohs(address.sin_port));
}

/// Asks `reached` again and again until it says so or time is up.
template <typename F>
bool poll_until(F reached) {
  const auto end = Clock::now() + patience;
  while (!reached()) {
    if (Clock::now() >= end) return false;
    ::poll(nullptr, 0, 1);
  }
  return true;
}

}  // namespace

std::string_view tcp_state_name(int state) noexcept {
  constexpr std::array<std::string_view, 12> names{
      "none",      "ESTABLISHED", "SYN_SENT",   "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2",
      "TIME_WAIT", "CLOSED",      "CLOSE_WAIT", "LAST_ACK", "LISTEN",    "CLOSING"};
  const auto index = static_cast<std::size_t>(state);
  return index < names.size() ? names[index] : "unknown";
}

Experiment::~Experiment() {
  for (const int fd : open_) ::close(fd);
}

bool Experiment::check(bool worked, std::string_view call) {
  if (failed()) return false;
  if (!worked) {
    failure_ = fmt::format("{}: {}", call, std::generic_category().message(errno));
  }
  return worked;
}

int Experiment::keep(int fd, std::string_view call) {
  if (fd >= 0) open_.push_back(fd);
  return check(fd >= 0, call) ? fd : 0;
}

bool Experiment::wait_for(int fd, short events) {
  pollfd watched{.fd = fd, .events = events, .revents = 0};
  const int ready = ::poll(&watched, 1, patience_ms);
  if (ready == 0) errno = ETIMEDOUT;
  return check(ready > 0, "poll");
}

int Experiment::open(int type) {
  if (failed()) return 0;
  return keep(::socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
}

int Experiment::listen_tcp() {
  const int fd = open(SOCK_STREAM);
  sockaddr_in address = loopback();
  if (!failed()) check(::bind(fd, as_any(address), sizeof(address)) == 0, "bind");
  if (!failed()) check(::listen(fd, 1) == 0, "listen");
  return fd;
}

int Experiment::connect_tcp(int listener) {
  const int fd = open(SOCK_STREAM);
  sockaddr_in address{};
  socklen_t length = sizeof(address);
  if (!failed()) check(::getsockname(listener, as_any(address), &length) == 0, "getsockname");
  if (failed()) return fd;
  const int connected = ::connect(fd, as_any(address), length);
  check(connected == 0 || errno == EINPROGRESS, "connect");
  if (!failed()) wait_for(fd, POLLOUT);
  return fd;
}

int Experiment::accept_tcp(int listener) {
  if (failed() || !wait_for(listener, POLLIN)) return 0;
  return keep(::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC), "accept");
}

Connection Experiment::tcp_connection() {
  const int listener = listen_tcp();
  const int first = connect_tcp(listener);
  const int second = accept_tcp(listener);
  close(listener);
  return {.first = first, .second = second};
}

Connection Experiment::udp_connection() {
  const Connection sockets{.first = open(SOCK_DGRAM), .second = open(SOCK_DGRAM)};
  sockaddr_in address = loopback();
  socklen_t length = sizeof(address);
  if (!failed()) check(::bind(sockets.second, as_any(address), length) == 0, "bind");
  if (!failed()) {
    check(::getsockname(sockets.second, as_any(address), &length) == 0, "getsockname");
  }
  if (!failed()) check(::connect(sockets.first, as_any(address), length) == 0, "connect");
  return sockets;
}

std::int64_t Experiment::option(int fd, int level, int name) {
  int value = 0;
  socklen_t length = sizeof(value);
  if (!failed()) check(::getsockopt(fd, level, name, &value, &length) == 0, "getsockopt");
  return value;
}

void Experiment::set_option(int fd, int level, int name, int value) {
  if (failed()) return;
  check(::setsockopt(fd, level, name, &value, sizeof(value)) == 0, "setsockopt");
}

void Experiment::send(int fd, std::size_t bytes, int flags) {
  if (failed()) return;
  const std::vector<std::byte> payload(bytes);
  const ssize_t sent = ::send(fd, payload.data(), bytes, flags | MSG_NOSIGNAL);
  check(sent >= 0, "send");
}

std::int64_t Experiment::send_until_full(int fd, std::size_t bytes_max) {
  const std::vector<std::byte> payload(piece_bytes);
  std::size_t sent_bytes = 0;
  while (!failed() && sent_bytes < bytes_max) {
    const std::size_t piece = std::min(payload.size(), bytes_max - sent_bytes);
    const ssize_t sent = ::send(fd, payload.data(), piece, MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) break;
    if (check(sent >= 0, "send")) sent_bytes += static_cast<std::size_t>(sent);
  }
  return static_cast<std::int64_t>(sent_bytes);
}

void Experiment::wait_for_input(int fd, std::size_t bytes) {
  if (failed()) return;
  const bool is_there = poll_until([&] {
    int waiting = 0;
    return ::ioctl(fd, FIONREAD, &waiting) != 0 || static_cast<std::size_t>(waiting) >= bytes;
  });
  if (!is_there) errno = ETIMEDOUT;
  check(is_there, "waiting for input");
}

std::optional<std::int64_t> Experiment::receive(int fd, std::size_t bytes) {
  if (failed()) return std::nullopt;
  std::vector<std::byte> buffer(bytes);
  const ssize_t received = ::recv(fd, buffer.data(), buffer.size(), 0);
  if (received < 0 && errno == EAGAIN) return std::nullopt;
  if (!check(received >= 0, "recv")) return std::nullopt;
  return received;
}

ReceivedToEnd Experiment::receive_to_end(int fd) {
  ReceivedToEnd all;
  std::vector<std::byte> buffer(piece_bytes);
  while (!failed() && wait_for(fd, POLLIN)) {
    const ssize_t received = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (received < 0) all.error = errno;
    if (received <= 0) break;
    all.bytes += received;
  }
  return all;
}

void Experiment::end_sending(int fd) {
  if (!failed()) check(::shutdown(fd, SHUT_WR) == 0, "shutdown");
}

void Experiment::close(int fd) {
  if (const auto found = std::find(open_.begin(), open_.end(), fd); found != open_.end()) {
    open_.erase(found);
    ::close(fd);
  }
}

TcpCounts Experiment::tcp_counts(int fd) {
  tcp_info info{};
  socklen_t length = sizeof(info);
  if (!failed()) check(::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0, "TCP_INFO");
  return {.state = info.tcpi_state,
          .segments_out = info.tcpi_segs_out,
          .segments_in = info.tcpi_segs_in};
}

bool Experiment::reaches_state(int fd, int state) {
  return !failed() && poll_until([&] { return tcp_counts(fd).state == state; });
}

int Experiment::listed_state(const Connection& connection, int fd) {
  sockaddr_in local{};
  sockaddr_in peer{};
  const int other = fd == connection.first ? connection.second : connection.first;
  for (auto [socket, address] : {std::pair(fd, &local), std::pair(other, &peer)}) {
    socklen_t length = sizeof(*address);
    if (failed() || !check(::getsockname(socket, as_any(*address), &length) == 0, "getsockname")) {
      return 0;
    }
  }
  const std::string wanted = fmt::format("{} {} ", listed(local), listed(peer));
  std::ifstream table("/proc/net/tcp");
  for (std::string line; std::getline(table, line);) {
    const std::size_t at = line.find(wanted);
    if (at == std::string::npos) continue;
    int state = 0;
    std::istringstream(line.substr(at + wanted.size(), 2)) >> std::hex >> state;
    return state;
  }
  return 0;
}

}  // namespace weir::tools::doctor
