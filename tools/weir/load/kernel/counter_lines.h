// The forms in which the kernel writes its counters of the network.
//
//     /proc/net/snmp, netstat: pairs of lines      /proc/net/snmp6: a line each
//     Udp: InDatagrams NoPorts InErrors            Udp6InDatagrams    100
//     Udp: 100 2 30                                Udp6NoPorts        2
#pragma once

#include <string_view>

#include "tools/weir/common/system_files.h"
#include "tools/weir/load/kernel/words.h"

namespace weir::tools::load {

/// Calls `take(group, name, value)` for each counter of pairs of lines, the group without its
/// colon. What is no pair, or no number, is left out.
template <typename Take>
void for_each_paired_counter(std::string_view text, const Take& take) {
  while (!text.empty()) {
    std::string_view heads = take_line(text);
    const std::string_view group = take_word(heads);
    std::string_view values = text.substr(0, text.find('\n'));
    // Not the line that belongs to it: perhaps the next one is the beginning of a pair.
    if (group.empty() || group.back() != ':' || take_word(values) != group) continue;
    (void)take_line(text);
    for (auto head = take_word(heads); !head.empty(); head = take_word(heads)) {
      const auto value = parse_number(take_word(values));
      if (value) take(group.substr(0, group.size() - 1), head, *value);
    }
  }
}

/// Calls `take(name, value)` for each counter of UDP over IPv6 in lines of one, under the name that
/// IPv4 has for it: `InDatagrams`.
template <typename Take>
void for_each_udp6_counter(std::string_view text, const Take& take) {
  constexpr std::string_view prefix = "Udp6";
  while (!text.empty()) {
    std::string_view line = take_line(text);
    const std::string_view name = take_word(line);
    if (!name.starts_with(prefix)) continue;
    const auto value = parse_number(take_word(line));
    if (value) take(name.substr(prefix.size()), *value);
  }
}

}  // namespace weir::tools::load
