#include "tools/weir/common/machine_moment.h"

#include <unistd.h>

#include <array>
#include <sstream>

namespace weir::tools {
namespace {

/// From the first line of /proc/stat: user nice system idle iowait irq softirq steal ...
std::optional<std::uint64_t> stolen_ticks_in(const std::string& line) {
  std::istringstream words(line);
  std::string cpu;
  std::array<std::uint64_t, 8> times{};
  words >> cpu;
  for (std::uint64_t& ticks : times) words >> ticks;
  if (!words || cpu != "cpu") return std::nullopt;
  return times.back();
}

}  // namespace

MachineMoment read_machine_moment(const SystemFiles& files) {
  const auto line = [&](const char* path) { return files.read_line(path).value_or(""); };
  return {.load_average = line("proc/loadavg"),
          .pressure_cpu = line("proc/pressure/cpu"),
          .pressure_memory = line("proc/pressure/memory"),
          .stolen_ticks = stolen_ticks_in(line("proc/stat"))};
}

std::optional<std::uint64_t> stolen_ms(const MachineMoment& before, const MachineMoment& after) {
  const long ticks_a_second = ::sysconf(_SC_CLK_TCK);
  if (!before.stolen_ticks || !after.stolen_ticks || ticks_a_second <= 0 ||
      *after.stolen_ticks < *before.stolen_ticks) {
    return std::nullopt;
  }
  return (*after.stolen_ticks - *before.stolen_ticks) * 1000 /
         static_cast<std::uint64_t>(ticks_a_second);
}

}  // namespace weir::tools
