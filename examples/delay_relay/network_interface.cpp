#include "network_interface.h"

#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

#include "weir/base/assert.h"

namespace delay_relay {
namespace {

ifreq request_for(const std::string& name) {
  ifreq request{};
  std::ranges::copy(name, request.ifr_name);
  return request;
}

/// An IPv4 address where ioctl wants any socket address.
void put(const Ipv4Address& address, sockaddr& place) {
  sockaddr_in inet{};
  inet.sin_family = AF_INET;
  std::memcpy(&inet.sin_addr, address.data(), address.size());
  static_assert(sizeof inet == sizeof place);
  std::memcpy(&place, &inet, sizeof place);
}

Ipv4Address mask_of(unsigned prefix_bits) {
  Ipv4Address mask{};
  for (unsigned bit = 0; bit < prefix_bits; ++bit) mask[bit / 8] |= 0x80U >> (bit % 8);
  return mask;
}

}  // namespace

std::string to_string(const Ipv4Address& address) {
  std::string text;
  for (const unsigned part : address) text += (text.empty() ? "" : ".") + std::to_string(part);
  return text;
}

OrProblem<NetworkInterface> NetworkInterface::find(const std::string& name) {
  WEIR_ASSERT(!name.empty() && name.size() <= name_chars_max);
  FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return failed("cannot open a socket to set " + name + " up with");
  ifreq request = request_for(name);
  if (::ioctl(socket.get(), SIOCGIFINDEX, &request) != 0) return failed("no interface " + name);
  return NetworkInterface(name, std::move(socket));
}

OrProblem<void> NetworkInterface::set_mtu(unsigned mtu_bytes) const {
  ifreq request = request_for(name_);
  request.ifr_mtu = static_cast<int>(mtu_bytes);
  if (::ioctl(socket_.get(), SIOCSIFMTU, &request) == 0) return {};
  return failed("cannot set the MTU of " + name_ + " to " + std::to_string(mtu_bytes));
}

OrProblem<void> NetworkInterface::set_queue_length(unsigned packets) const {
  ifreq request = request_for(name_);
  request.ifr_qlen = static_cast<int>(packets);
  if (::ioctl(socket_.get(), SIOCSIFTXQLEN, &request) == 0) return {};
  return failed("cannot let " + name_ + " hold " + std::to_string(packets) + " packets");
}

OrProblem<void> NetworkInterface::set_address(const Ipv4Address& address,
                                              unsigned prefix_bits) const {
  ifreq request = request_for(name_);
  put(address, request.ifr_addr);
  const bool is_set = ::ioctl(socket_.get(), SIOCSIFADDR, &request) == 0;
  put(mask_of(prefix_bits), request.ifr_netmask);
  if (is_set && ::ioctl(socket_.get(), SIOCSIFNETMASK, &request) == 0) return {};
  return failed("cannot give " + name_ + " the address " + to_string(address));
}

OrProblem<void> NetworkInterface::bring_up() const {
  ifreq request = request_for(name_);
  if (::ioctl(socket_.get(), SIOCGIFFLAGS, &request) == 0) {
    request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
    if (::ioctl(socket_.get(), SIOCSIFFLAGS, &request) == 0) return {};
  }
  return failed("cannot bring " + name_ + " up");
}

OrProblem<void> NetworkInterface::disable_ipv6() const {
  // There is no ioctl for it. This part of /proc shows the namespace of whoever opens it.
  const std::string path = "/proc/sys/net/ipv6/conf/" + name_ + "/disable_ipv6";
  if (!std::ifstream(path)) return {};
  std::ofstream file(path);
  if (file << 1 << std::flush) return {};
  return failed("cannot write " + path);
}

std::uint64_t NetworkInterface::dropped_count() const {
  // "name: " and sixteen numbers: eight of what came in, then what went out: bytes, packets,
  // errors, dropped ... Here /proc/net would be the main thread's namespace.
  std::ifstream file("/proc/thread-self/net/dev");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(name_ + ":");
    if (colon == std::string::npos || line.find_first_not_of(' ') != colon) continue;
    std::istringstream numbers(line.substr(colon + name_.size() + 1));
    std::uint64_t number = 0;
    for (int column = 0; column <= 8 + 3; ++column) numbers >> number;
    return numbers ? number : 0;
  }
  return 0;
}

}  // namespace delay_relay
