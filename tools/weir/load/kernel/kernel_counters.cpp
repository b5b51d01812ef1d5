#include "tools/weir/load/kernel/kernel_counters.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "tools/weir/load/kernel/counter_lines.h"
#include "tools/weir/load/kernel/words.h"

namespace weir::tools::load {
namespace {

// Of a few hundred. How each weighs is for trust/kernel_rules.cpp to say.
constexpr std::array<std::string_view, 21> names = {
    "Tcp.AttemptFails",
    "Tcp.InErrs",
    "Tcp.RetransSegs",
    "TcpExt.ListenDrops",
    "TcpExt.ListenOverflows",
    "TcpExt.PruneCalled",
    "TcpExt.TCPAbortOnMemory",
    "TcpExt.TCPBacklogDrop",
    "TcpExt.TCPRcvQDrop",
    "TcpExt.TCPReqQFullDoCookies",
    "TcpExt.TCPReqQFullDrop",
    "TcpExt.TCPSynRetrans",
    "TcpExt.TCPTimeouts",
    "TcpExt.TCPWqueueTooBig",
    "TcpExt.TCPZeroWindowDrop",
    "Udp.InCsumErrors",
    "Udp.MemErrors",
    "Udp.NoPorts",
    "Udp.RcvbufErrors",
    "Udp.SndbufErrors",
    "softnet.dropped",
};
constexpr std::string_view softnet_dropped = "softnet.dropped";

void add(const std::string& name, std::uint64_t value, KernelCounters& counters) {
  if (std::find(names.begin(), names.end(), name) != names.end()) counters[name] += value;
}

std::optional<std::uint64_t> parse_hexadecimal(std::string_view text) noexcept {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

void add_counter_lines(std::string_view text, KernelCounters& counters) {
  for_each_paired_counter(text,
                          [&](std::string_view group, std::string_view name, std::uint64_t value) {
                            add(fmt::format("{}.{}", group, name), value, counters);
                          });
}

void add_counters_of_ipv6(std::string_view text, KernelCounters& counters) {
  for_each_udp6_counter(text, [&](std::string_view name, std::uint64_t value) {
    add(fmt::format("Udp.{}", name), value, counters);
  });
}

void add_softnet(std::string_view text, KernelCounters& counters) {
  while (!text.empty()) {
    std::string_view line = take_line(text);
    (void)take_word(line);
    const auto dropped = parse_hexadecimal(take_word(line));
    if (dropped) add(std::string(softnet_dropped), *dropped, counters);
  }
}

KernelCounters read_kernel_counters(const SystemFiles& files) {
  KernelCounters counters;
  for (const char* path : {"proc/net/snmp", "proc/net/netstat"}) {
    if (const auto text = files.read(path)) add_counter_lines(*text, counters);
  }
  if (const auto text = files.read("proc/net/snmp6")) add_counters_of_ipv6(*text, counters);
  if (const auto text = files.read("proc/net/softnet_stat")) add_softnet(*text, counters);
  return counters;
}

std::vector<KernelCounterChange> changes_between(const KernelCounters& before,
                                                 const KernelCounters& after) {
  std::vector<KernelCounterChange> changes;
  for (const auto& [name, value] : after) {
    const auto earlier = before.find(name);
    const std::uint64_t from = earlier == before.end() ? value : earlier->second;
    if (value > from) changes.push_back({.name = name, .change = value - from});
  }
  return changes;
}

}  // namespace weir::tools::load
