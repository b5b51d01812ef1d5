#include "path_probe.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <thread>
#include <utility>

namespace delay_relay {
namespace {

using weir::Clock;

constexpr std::size_t datagram_bytes = 64;
/// How often the echo looks whether it is still wanted.
constexpr weir::Duration echo_patience = std::chrono::milliseconds(50);

using Datagram = std::array<std::byte, datagram_bytes>;

/// A datagram socket of the calling thread's namespace, with a limit to how long it waits.
OrProblem<FileDescriptor> open_socket(weir::Duration patience) {
  FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(patience).count();
  const timeval limit{.tv_sec = us / 1'000'000, .tv_usec = us % 1'000'000};
  if (socket.is_open() &&
      ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0) {
    return socket;
  }
  return failed("cannot open a datagram socket");
}

OrProblem<FileDescriptor> bind_echo(const Ipv4Address& address) {
  OrProblem<FileDescriptor> socket = open_socket(echo_patience);
  if (!socket) return socket;
  sockaddr_in inet{};
  inet.sin_family = AF_INET;
  std::memcpy(&inet.sin_addr, address.data(), address.size());
  if (::bind(socket->get(), reinterpret_cast<const sockaddr*>(&inet), sizeof inet) == 0) {
    return socket;
  }
  return failed("cannot bind to " + to_string(address));
}

OrProblem<FileDescriptor> connect_to(const FileDescriptor& echo, weir::Duration patience) {
  OrProblem<FileDescriptor> socket = open_socket(patience);
  if (!socket) return socket;
  sockaddr_in inet{};
  socklen_t size = sizeof inet;
  auto* const name = reinterpret_cast<sockaddr*>(&inet);
  if (::getsockname(echo.get(), name, &size) == 0 && ::connect(socket->get(), name, size) == 0) {
    return socket;
  }
  return failed("cannot connect to the echo");
}

void answer(const FileDescriptor& socket, const std::stop_token& stop) {
  Datagram datagram;
  while (!stop.stop_requested()) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    auto* const name = reinterpret_cast<sockaddr*>(&peer);
    const ssize_t bytes =
        ::recvfrom(socket.get(), datagram.data(), datagram.size(), 0, name, &size);
    if (bytes < 0) continue;  // nothing came in time
    ::sendto(socket.get(), datagram.data(), static_cast<std::size_t>(bytes), 0, name, size);
  }
}

/// \returns whether the answer came; late ones of earlier round trips are passed over
bool exchange(const FileDescriptor& socket, std::uint32_t number) {
  Datagram datagram{};
  std::memcpy(datagram.data(), &number, sizeof number);
  if (::send(socket.get(), datagram.data(), datagram.size(), 0) < 0) return false;
  for (;;) {
    if (::recv(socket.get(), datagram.data(), datagram.size(), 0) < 0) return false;
    std::uint32_t answered = 0;
    std::memcpy(&answered, datagram.data(), sizeof answered);
    if (answered == number) return true;
  }
}

ProbeReport ask(const FileDescriptor& socket, const ProbeOptions& options,
                const std::stop_token& stop) {
  ProbeReport report;
  for (unsigned number = 0; number < options.count && !stop.stop_requested(); ++number) {
    const weir::TimePoint sent = Clock::now();
    if (exchange(socket, number)) {
      const weir::Duration took = Clock::now() - sent;
      if (report.round_trips.count() == 0 || took < report.min) report.min = took;
      report.round_trips.record(took);
    } else {
      ++report.lost;
    }
    std::this_thread::sleep_for(options.pause);
  }
  return report;
}

}  // namespace

OrProblem<ProbeReport> probe(const NetworkNamespace& client, const NetworkNamespace& server,
                             const Ipv4Address& address, const ProbeOptions& options,
                             const std::stop_token& stop) {
  OrProblem<FileDescriptor> echo;
  OrProblem<void> done = server.run([&]() -> OrProblem<void> {
    echo = bind_echo(address);
    if (!echo) return std::unexpected(echo.error());
    return {};
  });
  if (!done) return std::unexpected(done.error());
  const std::jthread answering([&echo](const std::stop_token& end) { answer(*echo, end); });
  ProbeReport report;
  done = client.run([&]() -> OrProblem<void> {
    const OrProblem<FileDescriptor> socket = connect_to(*echo, options.patience);
    if (!socket) return std::unexpected(socket.error());
    report = ask(*socket, options, stop);
    return {};
  });
  if (!done) return std::unexpected(done.error());
  return report;
}

}  // namespace delay_relay
