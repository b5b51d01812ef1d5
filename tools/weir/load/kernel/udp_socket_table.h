// The sockets that receive on a UDP address of this host, and what the kernel dropped at each
// because its buffer was full: /proc/net/udp and /proc/net/udp6 (proc_net_udp(5)).
//
//     sl local_address rem_address st tx_queue:rx_queue tr:tm retrnsmt uid timeout inode ... drops
//      7 0100007F:2328 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 4711 2 ... 12
//
// An address is its 32-bit words as the machine has them, in hexadecimal.
#pragma once

#include <cstdint>
#include <istream>
#include <map>
#include <optional>

#include "weir/net/address.h"

namespace weir::tools::load {

/// By inode, which names a socket as long as it is open.
using UdpSocketDrops = std::map<std::uint64_t, std::uint64_t>;

/// Adds the unconnected sockets of `table` that receive what is sent to `address`. The tables of
/// TCP have the same columns, without drops: there these are the sockets that listen.
void add_udp_sockets(std::istream& table, const Address& address, UdpSocketDrops& drops);

/// Loopback, or an address of one of the interfaces.
[[nodiscard]] bool is_of_this_host(const Address& address);

/// `nullopt` if `address` is not one of this host's, or nobody receives there.
[[nodiscard]] std::optional<UdpSocketDrops> read_udp_sockets(const Address& address);

/// What was dropped between two readings; a socket that is new counts from 0.
[[nodiscard]] std::uint64_t drops_between(const UdpSocketDrops& before,
                                          const UdpSocketDrops& after) noexcept;

}  // namespace weir::tools::load
