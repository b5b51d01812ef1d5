// What the kernel counts of its own failures and repetitions in the network: /proc/net/snmp,
// netstat, snmp6 and softnet_stat, of all sockets of this network namespace.
//
//     Udp: InDatagrams NoPorts InErrors ...      softnet_stat, a line a processor, hexadecimal:
//     Udp: 100 2 30 ...                          processed dropped time_squeeze ...
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/common/system_files.h"
#include "tools/weir/load/kernel/host_use.h"

namespace weir::tools::load {

/// By name, `TcpExt.ListenOverflows`: those that say that something was lost, refused or repeated.
using KernelCounters = std::map<std::string, std::uint64_t, std::less<>>;

/// Adds what `text` has of them: pairs of lines, names and values, as snmp and netstat have them.
void add_counter_lines(std::string_view text, KernelCounters& counters);
/// The same of /proc/net/snmp6, a name and a value a line, under the names of IPv4.
void add_counters_of_ipv6(std::string_view text, KernelCounters& counters);
/// `softnet.dropped`, of all processors.
void add_softnet(std::string_view text, KernelCounters& counters);

/// Files that are not there add nothing.
[[nodiscard]] KernelCounters read_kernel_counters(const SystemFiles& files);

/// Those that grew. What went back, as when a processor's counter of 32 bits wraps, did not.
[[nodiscard]] std::vector<KernelCounterChange> changes_between(const KernelCounters& before,
                                                               const KernelCounters& after);

}  // namespace weir::tools::load
