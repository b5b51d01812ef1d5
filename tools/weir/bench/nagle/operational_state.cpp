#include "tools/weir/bench/nagle/operational_state.h"

#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <span>
#include <thread>
#include <vector>

#include "tools/weir/bench/nagle/netlink_request.h"

namespace weir::tools::bench {
namespace {

using delay_relay::failed;
using delay_relay::OrProblem;

constexpr std::chrono::seconds operational_wait_max{10};

/// An IF_OPER_..., of what RTM_GETLINK tells of a device.
std::byte operational_state(std::span<const std::byte> link) {
  std::size_t at = NLMSG_LENGTH(NLMSG_ALIGN(sizeof(ifinfomsg)));
  while (at + RTA_LENGTH(1) <= link.size()) {
    rtattr attribute{};
    std::memcpy(&attribute, link.data() + at, sizeof attribute);
    if (attribute.rta_type == IFLA_OPERSTATE) return link[at + RTA_LENGTH(0)];
    if (attribute.rta_len < sizeof attribute) break;
    at += RTA_ALIGN(attribute.rta_len);
  }
  return std::byte{IF_OPER_UNKNOWN};
}

}  // namespace

OrProblem<void> wait_until_operational(const std::string& device) {
  const auto give_up_at = std::chrono::steady_clock::now() + operational_wait_max;
  NetlinkRequest request(RTM_GETLINK, 0);
  request.put_structure(ifinfomsg{});
  request.put(IFLA_IFNAME, device);
  while (true) {
    const auto link = request.ask("cannot read the state of " + device);
    if (!link) return std::unexpected(link.error());
    if (operational_state(*link) == std::byte{IF_OPER_UP}) return {};
    if (std::chrono::steady_clock::now() > give_up_at) {
      errno = ETIMEDOUT;
      return failed(device + " is up, but does not send");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace weir::tools::bench
