#include "tools/weir/load/kernel/cpu_times.h"

#include <limits>

#include "tools/weir/common/system_files.h"
#include "tools/weir/load/kernel/words.h"

namespace weir::tools::load {
namespace {

constexpr int steal_column = 7;
constexpr int time_columns = 8;  // guest and guest_nice come after them
// Of /proc/PID/stat, counted from the state, which follows the name.
constexpr int user_ticks_column = 11;

}  // namespace

std::optional<CpuTimes> parse_cpu_times(std::string_view proc_stat) noexcept {
  std::string_view line = take_line(proc_stat);
  if (take_word(line) != "cpu") return std::nullopt;
  CpuTimes times;
  for (int column = 0; column < time_columns; ++column) {
    const auto ticks = parse_number(take_word(line));
    if (!ticks || *ticks > std::numeric_limits<std::uint64_t>::max() - times.total) {
      return std::nullopt;
    }
    times.total += *ticks;
    if (column == steal_column) times.steal = *ticks;
  }
  return times;
}

double steal_share(const CpuTimes& before, const CpuTimes& after) noexcept {
  if (after.total <= before.total || after.steal <= before.steal) return 0;
  return static_cast<double>(after.steal - before.steal) /
         static_cast<double>(after.total - before.total);
}

std::optional<std::chrono::microseconds> parse_pressure(std::string_view proc_pressure) noexcept {
  constexpr std::string_view total = "total=";
  std::string_view line = take_line(proc_pressure);
  if (take_word(line) != "some") return std::nullopt;
  for (auto word = take_word(line); !word.empty(); word = take_word(line)) {
    if (!word.starts_with(total)) continue;
    const auto total_us = parse_number(word.substr(total.size()));
    if (!total_us || *total_us > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
    return std::chrono::microseconds(static_cast<std::int64_t>(*total_us));
  }
  return std::nullopt;
}

std::optional<std::uint64_t> parse_process_ticks(std::string_view proc_pid_stat) noexcept {
  // The name is in parentheses and may have any in it: the last one ends it.
  const std::size_t name_end = proc_pid_stat.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  proc_pid_stat.remove_prefix(name_end + 1);
  for (int column = 0; column < user_ticks_column; ++column) (void)take_word(proc_pid_stat);
  const auto user = parse_number(take_word(proc_pid_stat));
  const auto system = parse_number(take_word(proc_pid_stat));
  if (!user || !system) return std::nullopt;
  return *user + *system;
}

}  // namespace weir::tools::load
