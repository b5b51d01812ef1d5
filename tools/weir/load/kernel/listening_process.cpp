#include "tools/weir/load/kernel/listening_process.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <sstream>
#include <string>

#include <fmt/format.h>

#include "tools/weir/load/kernel/udp_socket_table.h"
#include "tools/weir/load/kernel/words.h"

namespace weir::tools::load {
namespace {

constexpr std::uint64_t accepts_connections = 0x10000;  // __SO_ACCEPTCON, <linux/net.h>

/// As /proc/net/unix writes it: an abstract name after an @, other zero bytes as @, too.
std::string name_of(const Address& address) {
  if (!address.unix_path().empty()) return std::string(address.unix_path());
  std::string name = "@" + std::string(address.unix_abstract());
  std::replace(name.begin(), name.end(), '\0', '@');
  return name;
}

std::optional<std::uint64_t> inode_of(std::string_view link) {
  constexpr std::string_view prefix = "socket:[";
  if (!link.starts_with(prefix) || !link.ends_with(']')) return std::nullopt;
  link.remove_prefix(prefix.size());
  link.remove_suffix(1);
  return parse_number(link);
}

std::vector<int> all_processes(const SystemFiles& files, std::size_t count_max) {
  std::vector<int> processes;
  // Half as many other names are in /proc, and they come first.
  for (const std::string& name : files.list("proc", 2 * count_max)) {
    const auto pid = parse_number(name);
    if (pid && *pid <= std::numeric_limits<int>::max()) processes.push_back(static_cast<int>(*pid));
  }
  std::sort(processes.begin(), processes.end());
  if (processes.size() > count_max) processes.resize(count_max);
  return processes;
}

}  // namespace

void add_unix_sockets(std::string_view table, const Address& address, SocketInodes& inodes) {
  const std::string name = name_of(address);
  while (!table.empty()) {
    // Num RefCount Protocol Flags Type St Inode Path
    std::string_view line = take_line(table);
    for (int column = 0; column < 3; ++column) (void)take_word(line);
    const std::string_view flags_text = take_word(line);
    std::uint64_t flags = 0;
    std::from_chars(flags_text.data(), flags_text.data() + flags_text.size(), flags, 16);
    for (int column = 0; column < 2; ++column) (void)take_word(line);
    const auto inode = parse_number(take_word(line));
    if (line.empty() || line.front() != ' ') continue;
    line.remove_prefix(1);  // the rest is the name, which may have spaces
    if (inode && (flags & accepts_connections) != 0 && line == name) inodes.insert(*inode);
  }
}

SocketInodes listening_sockets(const SystemFiles& files, const Address& address,
                               Transport transport) {
  SocketInodes inodes;
  if (address.is_unix()) {
    if (const auto table = files.read("proc/net/unix")) add_unix_sockets(*table, address, inodes);
    return inodes;
  }
  if (!address.is_ip() || !is_of_this_host(address)) return inodes;
  const bool is_stream = transport == Transport::stream;
  UdpSocketDrops sockets;
  for (const char* path : {is_stream ? "proc/net/tcp" : "proc/net/udp",
                           is_stream ? "proc/net/tcp6" : "proc/net/udp6"}) {
    const auto text = files.read(path);
    if (!text) continue;
    std::istringstream table(*text);
    add_udp_sockets(table, address, sockets);
  }
  for (const auto& [inode, drops] : sockets) inodes.insert(inode);
  return inodes;
}

std::vector<int> processes_with(const SystemFiles& files, const SocketInodes& inodes,
                                const ProcessSearchLimits& limits) {
  std::vector<int> found;
  if (inodes.empty()) return found;
  std::size_t looked_at = 0;
  for (const int pid : all_processes(files, limits.processes)) {
    if (found.size() == limits.found) break;
    const std::string directory = fmt::format("proc/{}/fd", pid);
    for (const std::string& name : files.list(directory, limits.descriptors - looked_at)) {
      ++looked_at;
      const auto link = files.read_link(fmt::format("{}/{}", directory, name));
      const auto inode = link ? inode_of(*link) : std::nullopt;
      if (!inode || !inodes.contains(*inode)) continue;
      found.push_back(pid);
      break;
    }
  }
  return found;
}

}  // namespace weir::tools::load
