// A network interface of the calling thread's namespace: its settings, by ioctl (netdevice(7)).
//
// IPv4 only. A prefix of an address brings its route with it: the kernel adds that when the
// interface is up, and takes it away with the interface.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "file_descriptor.h"
#include "problem.h"

namespace delay_relay {

using Ipv4Address = std::array<std::uint8_t, 4>;

[[nodiscard]] std::string to_string(const Ipv4Address& address);

class NetworkInterface {
 public:
  static constexpr std::size_t name_chars_max = 15;  // IFNAMSIZ, without the final zero

  /// \param name  1 to `name_chars_max` characters
  [[nodiscard]] static OrProblem<NetworkInterface> find(const std::string& name);

  [[nodiscard]] OrProblem<void> set_mtu(unsigned mtu_bytes) const;
  /// How many packets the device may hold for its reader.
  [[nodiscard]] OrProblem<void> set_queue_length(unsigned packets) const;
  [[nodiscard]] OrProblem<void> set_address(const Ipv4Address& address, unsigned prefix_bits) const;
  [[nodiscard]] OrProblem<void> bring_up() const;
  /// No link-local address, hence none of the packets by which hosts look for routers. No effect
  /// where there is no IPv6.
  [[nodiscard]] OrProblem<void> disable_ipv6() const;

  /// Packets that the device threw away because its reader was too slow; 0 if it cannot be read.
  [[nodiscard]] std::uint64_t dropped_count() const;

 private:
  NetworkInterface(std::string name, FileDescriptor socket)
      : name_(std::move(name)), socket_(std::move(socket)) {}

  std::string name_;
  FileDescriptor socket_;  ///< any one of the namespace: what ioctl is called on
};

}  // namespace delay_relay
