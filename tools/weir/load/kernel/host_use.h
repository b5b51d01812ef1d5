// What the host did meanwhile that may explain a run: processor time that was stolen or wanted by
// others, and what the kernel dropped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::tools::load {

/// Change of a counter of /proc/net/{snmp,netstat,softnet_stat}, all sockets of this network
/// namespace.
struct KernelCounterChange {
  std::string name;  ///< "TcpExt.ListenOverflows"
  std::uint64_t change = 0;
};

struct HostUse {
  double steal_share = 0;                      ///< of all CPUs' time
  std::optional<double> cpu_pressure_share{};  ///< PSI "some": share of the run; none: no PSI
  std::vector<double> shard_busy_shares{};  ///< each generator shard, waiting by polling left out
  double seconds_busy_share = 0;    ///< of the seconds, those in which a shard was over 90 % busy
  std::optional<int> server_pid{};  ///< if it listens on this host and may be seen
  std::optional<double> server_cpu_share{};     ///< of one CPU
  std::optional<bool> shares_cpus{};            ///< generator and server may run on the same CPU
  std::vector<KernelCounterChange> counters{};  ///< that moved
};

}  // namespace weir::tools::load
