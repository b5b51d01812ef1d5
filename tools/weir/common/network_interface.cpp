#include "tools/weir/common/network_interface.h"

#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace weir::tools {
namespace {

/// A host of containers has hundreds; beyond these nobody reads on.
constexpr std::size_t interfaces_max = 64;

struct OffloadQuestion {
  std::string_view name;
  std::uint32_t command;
};

/// Of the first kernels with ethtool, and answered by all since from the features in force.
constexpr std::array offload_questions = {
    OffloadQuestion{.name = "tso", .command = ETHTOOL_GTSO},
    OffloadQuestion{.name = "gso", .command = ETHTOOL_GGSO},
    OffloadQuestion{.name = "gro", .command = ETHTOOL_GGRO},
    OffloadQuestion{.name = "tx_checksum", .command = ETHTOOL_GTXCSUM},
};

ifreq request_for(const std::string& name) {
  ifreq request{};
  std::memcpy(request.ifr_name, name.data(), std::min(name.size(), sizeof request.ifr_name - 1));
  return request;
}

unsigned read_mtu(int socket_fd, const std::string& name) {
  ifreq request = request_for(name);
  const bool is_read = ::ioctl(socket_fd, SIOCGIFMTU, &request) == 0 && request.ifr_mtu > 0;
  return is_read ? static_cast<unsigned>(request.ifr_mtu) : 0;
}

OffloadState read_offload(int socket_fd, const std::string& name, std::uint32_t command) {
  ethtool_value value{.cmd = command, .data = 0};
  ifreq request = request_for(name);
  request.ifr_data = static_cast<char*>(static_cast<void*>(&value));
  if (::ioctl(socket_fd, SIOCETHTOOL, &request) != 0) return OffloadState::unreadable;
  return value.data != 0 ? OffloadState::on : OffloadState::off;
}

/// The list has an entry for each address, too.
std::vector<std::string> names_of_interfaces_up() {
  std::vector<std::string> names;
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return names;
  for (const ifaddrs* it = first; it != nullptr && names.size() < interfaces_max;
       it = it->ifa_next) {
    if ((it->ifa_flags & IFF_UP) == 0) continue;
    if (std::ranges::find(names, it->ifa_name) == names.end()) names.emplace_back(it->ifa_name);
  }
  ::freeifaddrs(first);
  return names;
}

}  // namespace

std::string_view to_text(OffloadState state) noexcept {
  static constexpr std::array<std::string_view, 3> words = {"off", "on", "cannot be read"};
  return words[static_cast<std::size_t>(state)];
}

std::vector<NetworkInterface> read_network_interfaces() {
  std::vector<NetworkInterface> interfaces;
  // Any socket will do: both requests are the interface's. Without one they fail, which is told.
  const int socket_fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  for (const std::string& name : names_of_interfaces_up()) {
    NetworkInterface interface{.name = name, .mtu = read_mtu(socket_fd, name)};
    for (const OffloadQuestion& question : offload_questions) {
      interface.offloads.push_back(
          {.name = question.name, .state = read_offload(socket_fd, name, question.command)});
    }
    interfaces.push_back(std::move(interface));
  }
  if (socket_fd >= 0) ::close(socket_fd);
  return interfaces;
}

std::string network_interface_text(const NetworkInterface& interface) {
  std::string text =
      fmt::format("{}: MTU {}", interface.name,
                  interface.mtu > 0 ? std::to_string(interface.mtu)
                                    : std::string(to_text(OffloadState::unreadable)));
  for (const Offload& offload : interface.offloads) {
    text += fmt::format(", {} {}", offload.name, to_text(offload.state));
  }
  return text;
}

}  // namespace weir::tools
