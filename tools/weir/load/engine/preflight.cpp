#include "tools/weir/load/engine/preflight.h"

#include <sys/resource.h>

#include <algorithm>
#include <numeric>
#include <sstream>

#include <fmt/format.h>

#include "tools/weir/common/system_files.h"

namespace weir::tools::load {
namespace {

/// Rings, timers, logs, the resolver: what a run has besides its connections, and then some.
constexpr std::uint64_t descriptors_of_our_own = 64;
constexpr std::uint64_t local_ports_default = 28'232;

std::uint64_t read_local_ports() {
  const auto text = SystemFiles().read("/proc/sys/net/ipv4/ip_local_port_range");
  std::istringstream words(text.value_or(""));
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  if (!(words >> first >> last) || last < first) return local_ports_default;
  return last - first + 1;
}

}  // namespace

SystemRoom claim_room() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
  return {.descriptors = limit.rlim_max, .local_ports = read_local_ports()};
}

std::optional<std::string> find_shortage(const Options& options, const SystemRoom& room) {
  const std::uint64_t connections = std::uint64_t{options.connections} + options.idle_connections;
  const std::uint64_t descriptors = connections + descriptors_of_our_own * options.shards;
  if (descriptors > room.descriptors) {
    return fmt::format(
        "{} connections need {} descriptors, and this process may have {}: `ulimit -Hn {}` (root) "
        "lifts that; or ask for at most {}",
        connections, descriptors, room.descriptors, descriptors,
        room.descriptors - std::min(room.descriptors, descriptors_of_our_own * options.shards));
  }
  if (!options.target.address.is_ip()) return std::nullopt;
  const std::uint64_t pairs =
      std::lcm(std::max<std::uint64_t>(options.sources.size(), 1),
               std::uint64_t{options.more_targets.size() + 1});  // both go by connection number
  if (connections <= room.local_ports * pairs) return std::nullopt;
  return fmt::format(
      "{} connections need as many local ports, and there are {} for each pair of addresses: "
      "`sysctl net.ipv4.ip_local_port_range=\"1024 65535\"` makes more; or name {} addresses with "
      "--source, such as 127.0.1.0/24 for a target on this machine",
      connections, room.local_ports,
      (connections + room.local_ports - 1) / std::max<std::uint64_t>(room.local_ports, 1));
}

}  // namespace weir::tools::load
