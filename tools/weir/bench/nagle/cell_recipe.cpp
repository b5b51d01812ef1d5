#include "tools/weir/bench/nagle/cell_recipe.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace weir::tools::bench {
namespace {

constexpr std::uint64_t unlimited = UINT64_MAX;
/// However slow the host: the first exchanges, which are set apart, and enough others.
constexpr std::uint64_t messages_min = 12;
constexpr std::size_t paced_bytes = 64;
/// What an Ethernet's segment holds.
constexpr std::size_t batch_bytes = 1448;

/// `64 B`, `4 + 60 B`, `4 x 16 B`.
std::string sizes_text(const std::vector<std::size_t>& parts) {
  const bool is_even = std::ranges::count(parts, parts.front()) == std::ssize(parts);
  if (is_even && parts.size() > 1) return fmt::format("{} x {} B", parts.size(), parts.front());
  return fmt::format("{} B", fmt::join(parts, " + "));
}

}  // namespace

CellSpec exchange_cell(std::string_view scenario, std::vector<std::size_t> parts, WriteMode mode,
                       std::chrono::nanoseconds duration) {
  CellSpec cell{.scenario = std::string(scenario),
                .name = sizes_text(parts),
                .mode = mode,
                .parts = std::move(parts),
                .answer_bytes = 8,
                .duration = duration,
                .messages_max = unlimited,
                .messages_min = messages_min};
  return cell;
}

CellSpec stream_cell(std::string_view scenario, std::size_t bytes, WriteMode mode,
                     std::chrono::nanoseconds duration) {
  CellSpec cell = exchange_cell(scenario, {bytes}, mode, duration);
  cell.answer_bytes = 0;
  return cell;
}

CellSpec paced_cell(std::string_view scenario, std::chrono::microseconds interval, WriteMode mode,
                    std::chrono::nanoseconds duration) {
  CellSpec cell = stream_cell(scenario, paced_bytes, mode, duration);
  cell.interval = interval;
  const double us = static_cast<double>(interval.count());
  cell.name = us < 1000 ? fmt::format("{} B every {:g} us", paced_bytes, us)
                        : fmt::format("{} B every {:g} ms", paced_bytes, us / 1000);
  return cell;
}

CellSpec burst_cell(std::string_view scenario, unsigned burst, std::chrono::microseconds interval,
                    WriteMode mode, std::chrono::nanoseconds duration) {
  CellSpec cell = paced_cell(scenario, interval, mode, duration);
  cell.burst = burst;
  cell.name = fmt::format("{}x{}", burst, cell.name);
  return cell;
}

CellSpec batch_cell(std::string_view scenario, std::chrono::microseconds interval,
                    std::chrono::microseconds delay, std::chrono::nanoseconds duration) {
  CellSpec cell = paced_cell(scenario, interval, WriteMode::batch, duration);
  cell.batch_bytes = batch_bytes;
  cell.batch_delay = delay;
  return cell;
}

}  // namespace weir::tools::bench
