// What the kernel counts of all UDP sockets of this host (of the network namespace) together: the
// lines `Udp:` of /proc/net/snmp and `Udp6...` of /proc/net/snmp6, added up. They never go back.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "tools/weir/common/system_files.h"

namespace weir::tools::load {

struct UdpHostCounters {
  std::uint64_t in_datagrams = 0;
  std::uint64_t out_datagrams = 0;
  std::uint64_t no_ports = 0;        ///< nobody listened
  std::uint64_t in_errors = 0;       ///< dropped on arrival, for whatever reason: the sum
  std::uint64_t rcvbuf_errors = 0;   ///< of those: a socket's receive buffer was full
  std::uint64_t sndbuf_errors = 0;   ///< dropped on sending
  std::uint64_t in_csum_errors = 0;  ///< damaged on the way
  std::uint64_t mem_errors = 0;      ///< net.ipv4.udp_mem was reached; Linux 5.11

  [[nodiscard]] UdpHostCounters since(const UdpHostCounters& before) const noexcept;
  friend bool operator==(const UdpHostCounters&, const UdpHostCounters&) = default;
};

struct UdpHostCounterField {
  std::string_view name;  ///< as the kernel has it: `RcvbufErrors`
  std::uint64_t UdpHostCounters::* value;
};

inline constexpr std::array udp_host_counter_fields = {
    UdpHostCounterField{"InDatagrams", &UdpHostCounters::in_datagrams},
    UdpHostCounterField{"OutDatagrams", &UdpHostCounters::out_datagrams},
    UdpHostCounterField{"NoPorts", &UdpHostCounters::no_ports},
    UdpHostCounterField{"InErrors", &UdpHostCounters::in_errors},
    UdpHostCounterField{"RcvbufErrors", &UdpHostCounters::rcvbuf_errors},
    UdpHostCounterField{"SndbufErrors", &UdpHostCounters::sndbuf_errors},
    UdpHostCounterField{"InCsumErrors", &UdpHostCounters::in_csum_errors},
    UdpHostCounterField{"MemErrors", &UdpHostCounters::mem_errors},
};

/// Adds what `text`, the content of /proc/net/snmp, has of UDP. What is missing stays.
void add_snmp(std::string_view text, UdpHostCounters& counters);
/// The same for /proc/net/snmp6.
void add_snmp6(std::string_view text, UdpHostCounters& counters);

/// `nullopt` if the kernel does not tell.
[[nodiscard]] std::optional<UdpHostCounters> read_udp_host_counters(const SystemFiles& files);

}  // namespace weir::tools::load
