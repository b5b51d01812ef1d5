#include "tools/weir/common/cpu_list.h"

#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace weir::tools {
namespace {

constexpr int cpu_end = 1024;  // CPU_SETSIZE of glibc: what sched_setaffinity is usually given

std::optional<int> parse_cpu(std::string_view text) noexcept {
  unsigned cpu = 0;  // unsigned, so that a sign is no digit
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cpu);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (cpu >= static_cast<unsigned>(cpu_end)) return std::nullopt;
  return static_cast<int>(cpu);
}

bool contains(const CpuList& cpus, int cpu) noexcept {
  for (std::size_t i = 0; i < cpus.size(); ++i) {
    if (cpus[i] == cpu) return true;
  }
  return false;
}

/// Adds `item`, a number or a range, which stands in the list `text`.
Checked<void> add_item(CpuList& cpus, std::string_view item, std::string_view text) {
  const std::size_t dash = item.find('-');
  const auto first = parse_cpu(item.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_cpu(item.substr(dash + 1));
  if (!first || !last) {
    return usage_error(fmt::format(
        "\"{}\" is not a list of CPUs; write numbers below {} and ranges, such as 0,2-3", text,
        cpu_end));
  }
  if (*first > *last) {
    return usage_error(
        fmt::format("the range \"{}\" runs backwards; write {}-{}", item, *last, *first));
  }
  for (int cpu = *first; cpu <= *last; ++cpu) {
    if (contains(cpus, cpu)) {
      return usage_error(fmt::format("\"{}\" names CPU {} twice", text, cpu));
    }
    if (!cpus.add(cpu)) {
      return usage_error(
          fmt::format("\"{}\" has more than {} CPUs", text, std::size_t{CpuList::cpus_max}));
    }
  }
  return {};
}

}  // namespace

Checked<CpuList> parse_cpu_list(std::string_view text) {
  CpuList cpus;
  std::string_view rest = text;
  while (true) {
    const std::size_t comma = rest.find(',');
    if (auto added = add_item(cpus, rest.substr(0, comma), text); !added) {
      return std::unexpected(std::move(added.error()));
    }
    if (comma == std::string_view::npos) return cpus;
    rest.remove_prefix(comma + 1);
  }
}

std::string format_cpu_list(const CpuList& cpus) {
  std::string out;
  for (std::size_t first = 0; first < cpus.size();) {
    std::size_t last = first;
    while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1) ++last;
    if (!out.empty()) out += ',';
    out += fmt::format("{}", cpus[first]);
    if (last > first) out += fmt::format("-{}", cpus[last]);
    first = last + 1;
  }
  return out;
}

}  // namespace weir::tools
