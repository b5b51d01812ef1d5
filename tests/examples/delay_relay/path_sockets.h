// Blocking sockets at the two ends of an emulated path. No call on them waits longer than
// `patience`.
#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

#include <gtest/gtest.h>

#include "examples/delay_relay/emulated_path.h"

namespace delay_relay::test {

inline constexpr std::chrono::seconds patience{20};

/// A socket of that namespace, for any thread.
inline FileDescriptor open_socket(const NetworkNamespace& home, int type) {
  FileDescriptor socket;
  const OrProblem<void> opened = home.run([&]() -> OrProblem<void> {
    socket = FileDescriptor(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
    if (!socket.is_open()) return failed("socket");
    return {};
  });
  EXPECT_TRUE(opened) << opened.error().to_string();
  const timeval limit{.tv_sec = patience.count(), .tv_usec = 0};
  for (const int option : {SO_RCVTIMEO, SO_SNDTIMEO}) {
    EXPECT_EQ(::setsockopt(socket.get(), SOL_SOCKET, option, &limit, sizeof limit), 0);
  }
  return socket;
}

inline sockaddr_in bind_to(const FileDescriptor& socket, const Ipv4Address& address) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  std::memcpy(&name.sin_addr, address.data(), address.size());
  socklen_t size = sizeof name;
  auto* const any = reinterpret_cast<sockaddr*>(&name);
  EXPECT_EQ(::bind(socket.get(), any, size), 0) << std::strerror(errno);
  EXPECT_EQ(::getsockname(socket.get(), any, &size), 0);
  return name;
}

inline void connect_to(const FileDescriptor& socket, const sockaddr_in& name) {
  EXPECT_EQ(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0)
      << std::strerror(errno);
}

/// One TCP connection over the path.
struct Connection {
  FileDescriptor client;
  FileDescriptor server;
};

inline Connection connect_over(const EmulatedPath& path) {
  const FileDescriptor listener = open_socket(path.server().home, SOCK_STREAM);
  const sockaddr_in name = bind_to(listener, path.server().address);
  EXPECT_EQ(::listen(listener.get(), 1), 0);
  FileDescriptor client = open_socket(path.client().home, SOCK_STREAM);
  connect_to(client, name);
  FileDescriptor server(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  EXPECT_TRUE(server.is_open()) << std::strerror(errno);
  const timeval limit{.tv_sec = patience.count(), .tv_usec = 0};
  EXPECT_EQ(::setsockopt(server.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
  return {.client = std::move(client), .server = std::move(server)};
}

inline bool send_all(const FileDescriptor& socket, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return true;
}

inline bool receive_all(const FileDescriptor& socket, std::span<std::byte> room) {
  return ::recv(socket.get(), room.data(), room.size(), MSG_WAITALL) ==
         static_cast<ssize_t>(room.size());
}

inline void set_nodelay(const FileDescriptor& socket) {
  const int on = 1;
  EXPECT_EQ(::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), 0);
}

/// What the kernel has seen of the round-trip time at its best.
inline std::chrono::microseconds min_rtt(const FileDescriptor& socket) {
  // Longer in this kernel than in this C library: the field lies behind what that knows.
  std::array<std::byte, 256> info{};
  constexpr std::size_t min_rtt_at = 148;  // offsetof(struct tcp_info, tcpi_min_rtt), linux/tcp.h
  socklen_t size = info.size();
  EXPECT_EQ(::getsockopt(socket.get(), IPPROTO_TCP, TCP_INFO, info.data(), &size), 0);
  EXPECT_GE(size, min_rtt_at + sizeof(std::uint32_t));
  std::uint32_t us = 0;
  std::memcpy(&us, info.data() + min_rtt_at, sizeof us);
  return std::chrono::microseconds(us);
}

}  // namespace delay_relay::test
