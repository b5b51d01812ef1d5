// A reactor's datagram socket and a plain peer of it, over loopback.
#pragma once

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "reactor/datagram/datagram_operation.h"
#include "tests/support/reactor_driver.h"

namespace weir::test {

using TestDatagramSource = Observed<reactor::DatagramSource>;

/// Connected to `ours`, or, before there is one, bound alone.
class PlainUdp {
 public:
  PlainUdp() : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}
  explicit PlainUdp(const sockaddr_in& peer) : PlainUdp() {
    EXPECT_EQ(::connect(fd_, as_sockaddr(&peer), sizeof peer), 0);
  }
  PlainUdp(const PlainUdp&) = delete;
  PlainUdp& operator=(const PlainUdp&) = delete;
  ~PlainUdp() { close(); }

  static const sockaddr* as_sockaddr(const sockaddr_in* address) {
    return static_cast<const sockaddr*>(static_cast<const void*>(address));
  }
  void send(std::string_view text) {
    EXPECT_EQ(::send(fd_, text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  }
  /// Several datagrams of `segment_bytes` that arrive together. \returns false: not here
  bool send_train(std::string_view text, int segment_bytes) {
    if (::setsockopt(fd_, SOL_UDP, UDP_SEGMENT, &segment_bytes, sizeof segment_bytes) != 0) {
      return false;
    }
    send(text);
    const int off = 0;
    return ::setsockopt(fd_, SOL_UDP, UDP_SEGMENT, &off, sizeof off) == 0;
  }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

/// A bound socket of the reactor with its source, which is not started.
class DatagramEnd {
 public:
  explicit DatagramEnd(ReactorDriver& driver, std::uint32_t payload_bytes_max = 65527)
      : driver_(driver),
        descriptor_(
            ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | driver.reactor().socket_flags(), 0)),
        source_(driver, descriptor_) {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address_;
    auto* const name = static_cast<sockaddr*>(static_cast<void*>(&address_));
    EXPECT_EQ(::bind(descriptor_.fd, name, length), 0);
    EXPECT_EQ(::getsockname(descriptor_.fd, name, &length), 0);
    constexpr int buffer_bytes = 4 << 20;
    ::setsockopt(descriptor_.fd, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
    source_.payload_bytes_max = payload_bytes_max;
    source_.inbox_bytes_max = std::size_t{1} << 30;
  }
  ~DatagramEnd() {
    source_.on_run = nullptr;
    driver_.reactor().cancel(source_);
    EXPECT_TRUE(source_.finish());
    driver_.reactor().close_now(descriptor_);
  }
  DatagramEnd(const DatagramEnd&) = delete;
  DatagramEnd& operator=(const DatagramEnd&) = delete;

  [[nodiscard]] TestDatagramSource& source() { return source_; }
  [[nodiscard]] reactor::DatagramDescriptor& socket() { return descriptor_; }
  [[nodiscard]] const sockaddr_in& address() const { return address_; }
  void connect(const PlainUdp& peer) {
    sockaddr_in address{};
    socklen_t length = sizeof address;
    auto* const name = static_cast<sockaddr*>(static_cast<void*>(&address));
    EXPECT_EQ(::getsockname(peer.fd(), name, &length), 0);
    EXPECT_EQ(::connect(descriptor_.fd, name, length), 0);
    descriptor_.is_connected = true;
  }
  void start() { driver_.reactor().start(source_); }
  /// Until it is idle.
  void stop() {
    driver_.reactor().cancel(source_);
    EXPECT_TRUE(source_.finish());
  }

  /// Takes what has arrived.
  void take(std::vector<std::string>& texts) {
    for (const DatagramTrain& train : source_.inbox) {
      const auto bytes = train.payload.bytes();
      texts.emplace_back(static_cast<const char*>(static_cast<const void*>(bytes.data())),
                         bytes.size());
    }
    source_.inbox.clear();
    source_.inbox_bytes = 0;
  }

  /// One datagram after the other, each received before the next is sent, until the source counts
  /// as one whose datagrams come alone (on io_uring); and the turns in which it changes over.
  void become_lone(PlainUdp& peer) {
    for (int i = 0; i < 24; ++i) {
      peer.send("alone");
      EXPECT_TRUE(driver_.run_until([&] { return !source_.inbox.empty(); }));
      source_.inbox.clear();
      source_.inbox_bytes = 0;
    }
    driver_.turns(4);
    EXPECT_EQ(source_.pace.is_lone(), driver_.reactor().backend() == Backend::io_uring);
  }

 private:
  ReactorDriver& driver_;
  reactor::DatagramDescriptor descriptor_;
  sockaddr_in address_{};
  TestDatagramSource source_;
};

}  // namespace weir::test
