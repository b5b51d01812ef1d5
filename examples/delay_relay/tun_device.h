// A TUN device: a network interface whose wire is a file descriptor. Each read takes one IP packet
// that the kernel sends out there, each write is one that it receives.
//
// IFF_NO_PI: packets stand alone, without the four bytes of flags and protocol. No IFF_VNET_HDR: no
// segmentation offload, so that no packet is longer than the MTU and each that is counted is one on
// the wire. The device goes away with its descriptor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "file_descriptor.h"
#include "network_interface.h"
#include "network_namespace.h"
#include "problem.h"

namespace delay_relay {

struct TunOptions {
  std::string name = "weir0";
  unsigned mtu_bytes = 1500;  ///< 68 to 65535
  Ipv4Address address{};
  unsigned prefix_bits = 30;   ///< of the route to the other side
  unsigned queue_packets = 1;  ///< what the kernel holds until it is read, if it lets us say so
};

class TunDevice {
 public:
  /// Makes the device in `home` and brings it up, and `lo` too. It works from every thread. Needs
  /// CAP_NET_ADMIN, and /dev/net/tun.
  [[nodiscard]] static OrProblem<TunDevice> make(const NetworkNamespace& home,
                                                 const TunOptions& options);

  /// To wait for packets with.
  [[nodiscard]] int fd() const noexcept { return descriptor_.get(); }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  /// \param room  the MTU at least: what does not fit is cut off
  /// \returns the size of the packet; 0 when there is none now
  [[nodiscard]] weir::Result<std::size_t> read(std::span<std::byte> room) const noexcept;
  [[nodiscard]] weir::Result<void> write(std::span<const std::byte> packet) const noexcept;

  /// Packets that the kernel threw away because `read` came too late. `home`: where it was made.
  [[nodiscard]] std::uint64_t dropped_count(const NetworkNamespace& home) const;

 private:
  TunDevice(std::string name, FileDescriptor descriptor)
      : name_(std::move(name)), descriptor_(std::move(descriptor)) {}

  std::string name_;
  FileDescriptor descriptor_;
};

}  // namespace delay_relay
