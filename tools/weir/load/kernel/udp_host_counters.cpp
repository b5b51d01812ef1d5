#include "tools/weir/load/kernel/udp_host_counters.h"

namespace weir::tools::load {
namespace {

constexpr std::string_view udp_line = "Udp:";
constexpr std::string_view udp6_prefix = "Udp6";

/// The part before the next of `separators`, which it removes with them from `text`.
std::string_view take_until(std::string_view& text, std::string_view separators) {
  const std::size_t begin = text.find_first_not_of(separators);
  if (begin == std::string_view::npos) {
    text = {};
    return {};
  }
  text.remove_prefix(begin);
  const std::string_view part = text.substr(0, text.find_first_of(separators));
  text.remove_prefix(part.size());
  return part;
}

void add(std::string_view name, std::string_view value, UdpHostCounters& counters) {
  for (const UdpHostCounterField& field : udp_host_counter_fields) {
    if (field.name == name) counters.*field.value += parse_number(value).value_or(0);
  }
}

}  // namespace

UdpHostCounters UdpHostCounters::since(const UdpHostCounters& before) const noexcept {
  UdpHostCounters difference;
  for (const UdpHostCounterField& field : udp_host_counter_fields) {
    difference.*field.value = this->*field.value - before.*field.value;
  }
  return difference;
}

void add_snmp(std::string_view text, UdpHostCounters& counters) {
  // Two lines for each protocol: names, then values.
  std::string_view names;
  while (!text.empty()) {
    std::string_view line = take_until(text, "\n");
    if (take_until(line, " ") != udp_line) continue;
    if (names.empty()) {
      names = line;
      continue;
    }
    while (!names.empty() && !line.empty()) {
      const std::string_view name = take_until(names, " ");
      add(name, take_until(line, " "), counters);
    }
    return;
  }
}

void add_snmp6(std::string_view text, UdpHostCounters& counters) {
  while (!text.empty()) {
    std::string_view line = take_until(text, "\n");
    const std::string_view name = take_until(line, " \t");
    if (!name.starts_with(udp6_prefix)) continue;
    add(name.substr(udp6_prefix.size()), take_until(line, " \t"), counters);
  }
}

std::optional<UdpHostCounters> read_udp_host_counters(const SystemFiles& files) {
  const auto snmp = files.read("proc/net/snmp");
  if (!snmp) return std::nullopt;
  UdpHostCounters counters;
  add_snmp(*snmp, counters);
  if (const auto snmp6 = files.read("proc/net/snmp6")) add_snmp6(*snmp6, counters);
  return counters;
}

}  // namespace weir::tools::load
