#include "tools/weir/bench/nagle/scenarios.h"

#include <algorithm>
#include <array>
#include <initializer_list>

#include <fmt/format.h>

namespace weir::tools::bench {
namespace {

using std::chrono::nanoseconds;

constexpr std::uint64_t unlimited = UINT64_MAX;
/// However slow the host: the first exchanges, which are set apart, and enough others.
constexpr std::uint64_t exchanges_min = 12;
/// A stall is 40 ms: time for ten of them.
constexpr std::chrono::milliseconds stalling_duration_min{400};
/// IPv4 and TCP headers, the latter with time stamps.
constexpr int header_bytes = 52;

constexpr std::array flood_modes = {WriteMode::nagle, WriteMode::nodelay, WriteMode::flush_io_uring,
                                    WriteMode::flush_epoll};

std::string sizes_text(const std::vector<std::size_t>& parts) {
  return parts.size() == 1 ? fmt::format("{} B", parts[0])
                           : fmt::format("{} + {} B", parts[0], parts[1]);
}

CellSpec exchange(std::string_view scenario, std::vector<std::size_t> parts, WriteMode mode,
                  nanoseconds duration) {
  CellSpec cell{.scenario = std::string(scenario),
                .name = sizes_text(parts),
                .mode = mode,
                .parts = std::move(parts),
                .answer_bytes = 8,
                .duration = duration,
                .messages_max = unlimited,
                .messages_min = exchanges_min};
  return cell;
}

CellSpec one_way(std::string_view scenario, std::size_t bytes, WriteMode mode,
                 nanoseconds duration) {
  CellSpec cell = exchange(scenario, {bytes}, mode, duration);
  cell.answer_bytes = 0;
  return cell;
}

Scenario write_write_read(nanoseconds duration) {
  Scenario scenario{
      .id = "N1", .question = "a request in two small writes, then its answer", .cells = {}};
  for (const WriteMode mode : write_modes) {
    scenario.cells.push_back(exchange("N1", {4, 60}, mode, duration));
  }
  scenario.cells.push_back(scenario.cells.front());
  scenario.cells.back().acks = AckMode::quick;
  return scenario;
}

Scenario body_sizes(int mtu, nanoseconds duration) {
  Scenario scenario{
      .id = "N3", .question = "the same with larger bodies: what ends the stall?", .cells = {}};
  const auto segment = static_cast<std::size_t>(std::max(mtu - header_bytes, header_bytes));
  for (const std::size_t body :
       {std::size_t{1000}, std::size_t{2000}, std::size_t{20'000}, segment + 1000}) {
    for (const WriteMode mode : {WriteMode::nagle, WriteMode::nodelay}) {
      scenario.cells.push_back(exchange("N3", {4, body}, mode, duration));
    }
  }
  return scenario;
}

Scenario single_write(nanoseconds duration) {
  Scenario scenario{.id = "N4", .question = "the same in one write: is Nagle slow?", .cells = {}};
  for (const WriteMode mode : {WriteMode::nagle, WriteMode::nodelay}) {
    scenario.cells.push_back(exchange("N4", {64}, mode, duration));
  }
  return scenario;
}

Scenario flood(nanoseconds duration) {
  Scenario scenario{.id = "N5",
                    .question = "small messages one way, as many as go: what does a segment carry?",
                    .cells = {}};
  for (const std::size_t bytes : {16UL, 100UL, 1000UL, 4000UL}) {
    for (const WriteMode mode : flood_modes) {
      scenario.cells.push_back(one_way("N5", bytes, mode, duration));
    }
  }
  return scenario;
}

Scenario paced(nanoseconds duration) {
  Scenario scenario{.id = "N6",
                    .question = "64 B one way at fixed times: how old are they when they are read?",
                    .cells = {}};
  using std::chrono::microseconds;
  for (const microseconds interval : {microseconds(100), microseconds(1000)}) {
    for (const WriteMode mode : flood_modes) {
      CellSpec cell = one_way("N6", 64, mode, duration);
      cell.interval = interval;
      cell.name = fmt::format("64 B every {} us", interval.count());
      scenario.cells.push_back(cell);
    }
  }
  return scenario;
}

Scenario pipeline(nanoseconds duration) {
  Scenario scenario{
      .id = "N13", .question = "requests of 64 B under way at once: who batches?", .cells = {}};
  for (const unsigned depth : {1U, 4U, 16U, 64U}) {
    for (const WriteMode mode : flood_modes) {
      CellSpec cell = exchange("N13", {64}, mode, duration);
      cell.depth = depth;
      cell.name = fmt::format("64 B, depth {}", depth);
      scenario.cells.push_back(cell);
    }
  }
  return scenario;
}

Scenario held_tail() {
  Scenario scenario{.id = "N14",
                    .question = "two small writes, then the end: does the last one wait?",
                    .cells = {}};
  for (const WriteMode mode : {WriteMode::nagle, WriteMode::nodelay}) {
    CellSpec cell = exchange("N14", {4, 60}, mode, stalling_duration_min);
    cell.answer_bytes = 0;
    cell.messages_max = 1;
    scenario.cells.push_back(cell);
  }
  return scenario;
}

}  // namespace

std::vector<Scenario> nagle_scenarios(int mtu, nanoseconds cell_duration) {
  const nanoseconds stalling = std::max<nanoseconds>(cell_duration, stalling_duration_min);
  return {write_write_read(stalling),
          body_sizes(mtu, stalling),
          single_write(cell_duration),
          flood(cell_duration),
          paced(cell_duration),
          pipeline(cell_duration),
          held_tail()};
}

}  // namespace weir::tools::bench
