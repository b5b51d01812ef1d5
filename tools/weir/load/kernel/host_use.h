// What the host did meanwhile that may explain a run: processor time that was stolen or wanted by
// others, and what the kernel dropped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::tools::load {

/// Change of a counter of /proc/net/snmp or netstat, all sockets of this network namespace, or of
/// softnet_stat, which is of the whole machine.
struct KernelCounterChange {
  std::string name;  ///< "TcpExt.ListenOverflows"
  std::uint64_t change = 0;
};

struct HostUse {
  std::optional<double> steal_share{};         ///< of all CPUs' time; none: nobody tells
  std::optional<double> cpu_pressure_share{};  ///< PSI "some": share of the run; none: no PSI
  std::vector<double> shard_busy_shares{};  ///< each generator shard, waiting by polling left out
  double seconds_busy_share = 0;    ///< of the seconds, those in which a shard was over 90 % busy
  std::optional<int> server_pid{};  ///< if it listens on this host and may be seen
  std::optional<double> server_cpu_share{};     ///< of one CPU
  std::optional<bool> shares_cpus{};            ///< generator and server may run on the same CPU
  std::vector<KernelCounterChange> counters{};  ///< that moved
  bool has_counters = false;                    ///< else they could not be read
};

}  // namespace weir::tools::load
