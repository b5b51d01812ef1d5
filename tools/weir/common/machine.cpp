#include "tools/weir/common/machine.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace weir::tools {

unsigned count_cpus(std::string_view list) noexcept {
  std::uint64_t count = 0;
  while (!list.empty()) {
    const std::string_view item = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), item.size() + 1));
    const std::size_t dash = item.find('-');
    const auto first = parse_number(item.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_number(item.substr(dash + 1));
    if (!first || !last || *last < *first || *last > 65'535) return 0;
    count += *last - *first + 1;
  }
  return static_cast<unsigned>(count);
}

Machine read_machine(const SystemFiles& files) {
  const auto line = [&files](std::string_view path) { return files.read_line(path).value_or(""); };
  constexpr std::string_view cpuinfo = "proc/cpuinfo";
  const std::string flags = files.read_field(cpuinfo, "flags").value_or("");
  return {
      .kernel_release = line("proc/sys/kernel/osrelease"),
      .cpu_model = files.read_field(cpuinfo, "model name").value_or(""),
      .cpus_online = count_cpus(line("sys/devices/system/cpu/online")),
      .cpus_allowed =
          count_cpus(files.read_field("proc/self/status", "Cpus_allowed_list").value_or("")),
      .governor = line("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
      .clock_source = line("sys/devices/system/clocksource/clocksource0/current_clocksource"),
      .congestion_control = line("proc/sys/net/ipv4/tcp_congestion_control"),
      .huge_pages = line("sys/kernel/mm/transparent_hugepage/enabled"),
      .load_average = line("proc/loadavg"),
      .is_virtual = fmt::format(" {} ", flags).find(" hypervisor ") != std::string::npos,
      .interfaces = {},
  };
}

std::string describe(const Machine& machine) {
  std::string text = fmt::format("Linux {}", machine.kernel_release);
  const unsigned cpus = machine.cpus_allowed;
  if (cpus > 0) text += fmt::format(", {} CPU{}", cpus, cpus == 1 ? "" : "s");
  if (!machine.cpu_model.empty()) text += fmt::format(", {}", machine.cpu_model);
  if (machine.is_virtual) text += ", virtual";
  return text;
}

}  // namespace weir::tools
