// Which processes of this host receive what is sent to an address: the tables of sockets
// (/proc/net/tcp, udp, unix and their like) name an inode, and /proc/PID/fd/N is a link to
// "socket:[INODE]". Without the right to look into other users' processes only our own are found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string_view>
#include <vector>

#include "tools/weir/common/system_files.h"
#include "tools/weir/load/cli/target.h"
#include "weir/net/address.h"

namespace weir::tools::load {

using SocketInodes = std::set<std::uint64_t>;

/// How far the search goes: a host may have a million descriptors open.
struct ProcessSearchLimits {
  std::size_t processes = 5'000;
  std::size_t descriptors = 50'000;  ///< of all of them
  std::size_t found = 64;
};

/// Adds the listening sockets of `table`, the content of /proc/net/unix, that are bound to
/// `address`.
void add_unix_sockets(std::string_view table, const Address& address, SocketInodes& inodes);

/// Sockets of this host that listen on the address, or receive datagrams there. None if it is not
/// one of this host's. Of each table the first 64 KiB; that of TCP has the listening ones first.
[[nodiscard]] SocketInodes listening_sockets(const SystemFiles& files, const Address& address,
                                             Transport transport);

/// In ascending order; several if they share a socket, as the children of a server do.
[[nodiscard]] std::vector<int> processes_with(const SystemFiles& files, const SocketInodes& inodes,
                                              const ProcessSearchLimits& limits = {});

}  // namespace weir::tools::load
