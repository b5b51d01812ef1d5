#include "tools/weir/load/kernel/udp_socket_table.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <fstream>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/common/system_files.h"

namespace weir::tools::load {
namespace {

// Columns, from 0; the drops are the last one.
constexpr std::size_t local_column = 1;
constexpr std::size_t remote_column = 2;
constexpr std::size_t inode_column = 9;
constexpr std::size_t columns_min = 13;

struct Endpoint {
  std::string_view words;  ///< 8 hexadecimal digits for each 32 bits; IPv4-mapped: as IPv4
  std::uint16_t port = 0;
};

std::string hexadecimal(std::span<const std::uint32_t> words) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text;
  for (const std::uint32_t word : words) {
    for (int shift = 28; shift >= 0; shift -= 4) text += digits[word >> shift & 15U];
  }
  return text;
}

/// The first three words of an IPv4-mapped address, ::ffff:192.0.2.1 (RFC 4291, 2.5.5.2); the last
/// one is that of IPv4.
const std::array<std::uint32_t, 3> mapped_words = {0, 0, ::htonl(0xffff)};

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon != 8 && colon != 32) return std::nullopt;
  Endpoint endpoint{.words = text.substr(0, colon)};
  const std::string mapped = hexadecimal(mapped_words);
  if (colon == 32 && endpoint.words.starts_with(mapped))
    endpoint.words.remove_prefix(mapped.size());
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + colon + 1, end, endpoint.port, 16);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return endpoint;
}

/// In the notation of the table; of an IPv4-mapped address that of IPv4, which it means.
std::string words_of(const Address& address) {
  std::array<std::uint32_t, 4> words{};
  std::span<const std::uint32_t> shown = words;
  if (address.family() == AddressFamily::ipv6) {
    ::sockaddr_in6 v6{};
    std::memcpy(&v6, address.as_sockaddr(), sizeof v6);
    std::memcpy(words.data(), &v6.sin6_addr, sizeof v6.sin6_addr);
    if (std::equal(mapped_words.begin(), mapped_words.end(), words.begin())) {
      shown = shown.subspan(mapped_words.size());
    }
  } else {
    ::sockaddr_in v4{};
    std::memcpy(&v4, address.as_sockaddr(), sizeof v4);
    words[0] = v4.sin_addr.s_addr;
    shown = shown.first(1);
  }
  return hexadecimal(shown);
}

/// An IPv6 socket that is bound to no address may take IPv4, too; not the other way round.
bool receives(const Endpoint& local, const Address& address) {
  if (local.port != address.port()) return false;
  const std::string wanted = words_of(address);
  const bool is_any = local.words.find_first_not_of('0') == std::string_view::npos;
  return local.words == wanted || (is_any && local.words.size() >= wanted.size());
}

}  // namespace

void add_udp_sockets(std::istream& table, const Address& address, UdpSocketDrops& drops) {
  for (std::string line; std::getline(table, line);) {
    std::istringstream words(line);
    std::vector<std::string> columns;
    for (std::string word; words >> word;) columns.push_back(std::move(word));
    if (columns.size() < columns_min) continue;
    const auto local = parse_endpoint(columns[local_column]);
    const auto remote = parse_endpoint(columns[remote_column]);
    // A connected socket of that port is a client, not who receives what we send.
    if (!local || !remote || remote->port != 0 || !receives(*local, address)) continue;
    const auto inode = parse_number(columns[inode_column]);
    if (inode) drops[*inode] = parse_number(columns.back()).value_or(0);
  }
}

bool is_of_this_host(const Address& address) {
  if (address.is_loopback()) return true;
  ::ifaddrs* interfaces = nullptr;
  if (::getifaddrs(&interfaces) != 0) return false;
  const std::string words = words_of(address);
  bool found = false;
  for (const ::ifaddrs* at = interfaces; at != nullptr && !found; at = at->ifa_next) {
    if (at->ifa_addr == nullptr) continue;
    const int family = at->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    const auto own = Address::from_sockaddr(
        at->ifa_addr, family == AF_INET ? sizeof(::sockaddr_in) : sizeof(::sockaddr_in6));
    found = own && words_of(*own) == words;
  }
  ::freeifaddrs(interfaces);
  return found;
}

std::optional<UdpSocketDrops> read_udp_sockets(const Address& address) {
  if (!address.is_ip() || !is_of_this_host(address)) return std::nullopt;
  UdpSocketDrops drops;
  for (const char* path : {"/proc/net/udp", "/proc/net/udp6"}) {
    std::ifstream table(path);
    if (table) add_udp_sockets(table, address, drops);
  }
  if (drops.empty()) return std::nullopt;
  return drops;
}

std::uint64_t drops_between(const UdpSocketDrops& before, const UdpSocketDrops& after) noexcept {
  std::uint64_t sum = 0;
  for (const auto& [inode, drops] : after) {
    const auto earlier = before.find(inode);
    sum += drops - (earlier == before.end() ? 0 : earlier->second);
  }
  return sum;
}

}  // namespace weir::tools::load
