#include "tools/weir/load/kernel/udp_host_counters.h"

#include "tools/weir/load/kernel/counter_lines.h"

namespace weir::tools::load {
namespace {

void add(std::string_view name, std::uint64_t value, UdpHostCounters& counters) {
  for (const UdpHostCounterField& field : udp_host_counter_fields) {
    if (field.name == name) counters.*field.value += value;
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
  for_each_paired_counter(text,
                          [&](std::string_view group, std::string_view name, std::uint64_t value) {
                            if (group == "Udp") add(name, value, counters);
                          });
}

void add_snmp6(std::string_view text, UdpHostCounters& counters) {
  for_each_udp6_counter(
      text, [&](std::string_view name, std::uint64_t value) { add(name, value, counters); });
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
