#include "tools/weir/load/cli/source_list.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <string>

#include <fmt/format.h>

namespace weir::tools::load {
namespace {

constexpr std::size_t sources_max = 4096;
constexpr std::uint32_t loopback_network = 127;

Checked<Address> parse_one(std::string_view text) {
  const bool is_v6 = text.find(':') != std::string_view::npos;
  const auto address =
      Address::parse(is_v6 ? fmt::format("[{}]:0", text) : fmt::format("{}:0", text));
  // Names, and "any" by an empty one, parse as well.
  const bool is_number =
      is_v6 || (!text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos);
  if (!is_number || !address || !address->is_ip()) {
    return usage_error(fmt::format("\"{}\" is not an IP address", text));
  }
  return *address;
}

Checked<void> add_network(std::string_view text, std::size_t slash, std::vector<Address>& out) {
  const std::string base(text.substr(0, slash));
  const std::string_view length_text = text.substr(slash + 1);
  in_addr network{};
  unsigned length = 0;
  const auto [end, error] =
      std::from_chars(length_text.data(), length_text.data() + length_text.size(), length);
  if (::inet_pton(AF_INET, base.c_str(), &network) != 1 || error != std::errc() ||
      end != length_text.data() + length_text.size() || length > 32) {
    return usage_error(fmt::format("\"{}\" is not an IPv4 network, such as 127.0.1.0/28", text));
  }
  const std::uint64_t count = std::uint64_t{1} << (32 - length);
  if (count > sources_max) {
    return usage_error(fmt::format("{} has {} addresses (at most {})", text, count, sources_max));
  }
  const std::uint32_t first = ntohl(network.s_addr) & static_cast<std::uint32_t>(~(count - 1));
  const bool has_broadcast = count > 2 && first >> 24 != loopback_network;
  for (std::uint64_t i = has_broadcast ? 1 : 0; i < count - (has_broadcast ? 1 : 0); ++i) {
    const in_addr host{.s_addr = htonl(first + static_cast<std::uint32_t>(i))};
    std::array<char, INET_ADDRSTRLEN> name{};
    ::inet_ntop(AF_INET, &host, name.data(), name.size());
    const auto address = parse_one(name.data());
    if (!address) return std::unexpected(address.error());
    out.push_back(*address);
  }
  return {};
}

}  // namespace

Checked<std::vector<Address>> parse_source_list(std::string_view text) {
  std::vector<Address> sources;
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view item = text.substr(0, comma);
    if (const std::size_t slash = item.find('/'); slash != std::string_view::npos) {
      const auto added = add_network(item, slash, sources);
      if (!added) return std::unexpected(added.error());
    } else {
      const auto address = parse_one(item);
      if (!address) return std::unexpected(address.error());
      sources.push_back(*address);
    }
    if (sources.size() > sources_max) {
      return usage_error(fmt::format("more than {} addresses", sources_max));
    }
    if (comma == std::string_view::npos) return sources;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace weir::tools::load
