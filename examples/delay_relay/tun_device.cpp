#include "tun_device.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "weir/base/assert.h"

namespace delay_relay {
namespace {

/// Attaches to a device that is new, in the calling thread's namespace.
OrProblem<FileDescriptor> open_tun(const std::string& name) {
  FileDescriptor descriptor(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!descriptor.is_open()) return failed("cannot open /dev/net/tun");
  ifreq request{};
  std::ranges::copy(name, request.ifr_name);
  request.ifr_flags = static_cast<short>(IFF_TUN | IFF_NO_PI | IFF_TUN_EXCL);
  if (::ioctl(descriptor.get(), TUNSETIFF, &request) != 0) {
    return failed("cannot make the TUN device " + name);
  }
  return descriptor;
}

OrProblem<void> set_up(const TunOptions& options) {
  const OrProblem<NetworkInterface> device = NetworkInterface::find(options.name);
  if (!device) return std::unexpected(device.error());
  const OrProblem<NetworkInterface> loopback = NetworkInterface::find("lo");
  if (!loopback) return std::unexpected(loopback.error());
  OrProblem<void> done = device->set_queue_length(options.queue_packets);
  // Root of a user namespace may set up all of a device but this: then it holds the kernel's 500.
  if (!done && done.error().why == std::errc::operation_not_permitted) done = {};
  if (done) done = device->disable_ipv6();
  if (done) done = device->set_mtu(options.mtu_bytes);
  if (done) done = device->set_address(options.address, options.prefix_bits);
  if (done) done = device->bring_up();
  if (done) done = loopback->bring_up();
  return done;
}

}  // namespace

OrProblem<TunDevice> TunDevice::make(const NetworkNamespace& home, const TunOptions& options) {
  WEIR_ASSERT(!options.name.empty() && options.name.size() <= NetworkInterface::name_chars_max);
  FileDescriptor descriptor;
  const OrProblem<void> made = home.run([&]() -> OrProblem<void> {
    OrProblem<FileDescriptor> opened = open_tun(options.name);
    if (!opened) return std::unexpected(opened.error());
    descriptor = std::move(*opened);
    return set_up(options);
  });
  if (!made) return std::unexpected(made.error());
  return TunDevice(options.name, std::move(descriptor));
}

weir::Result<std::size_t> TunDevice::read(std::span<std::byte> room) const noexcept {
  const ssize_t bytes = ::read(fd(), room.data(), room.size());
  if (bytes >= 0) return static_cast<std::size_t>(bytes);
  if (errno == EAGAIN || errno == EINTR) return std::size_t{0};
  return std::unexpected(weir::from_errno(errno));
}

weir::Result<void> TunDevice::write(std::span<const std::byte> packet) const noexcept {
  if (::write(fd(), packet.data(), packet.size()) >= 0) return {};
  return std::unexpected(weir::from_errno(errno));
}

std::uint64_t TunDevice::dropped_count(const NetworkNamespace& home) const {
  std::uint64_t dropped = 0;
  const OrProblem<void> counted = home.run([&]() -> OrProblem<void> {
    const OrProblem<NetworkInterface> device = NetworkInterface::find(name_);
    if (!device) return std::unexpected(device.error());
    dropped = device->dropped_count();
    return {};
  });
  return counted ? dropped : 0;
}

}  // namespace delay_relay
