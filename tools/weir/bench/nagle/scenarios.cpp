#include "tools/weir/bench/nagle/scenarios.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "tools/weir/bench/nagle/cell_recipe.h"

namespace weir::tools::bench {
namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;

constexpr std::array flood_modes = {WriteMode::nagle, WriteMode::nodelay, WriteMode::flush_io_uring,
                                    WriteMode::flush_epoll};

Scenario write_write_read(Effort effort, nanoseconds duration) {
  Scenario scenario{.id = "N1", .question = "a request in two small writes, then its answer"};
  for (const WriteMode mode : write_modes) {
    scenario.cells.push_back(exchange_cell("N1", {4, 60}, mode, duration));
  }
  scenario.cells.push_back(scenario.cells.front());
  scenario.cells.back().acks = AckMode::quick;
  if (effort == Effort::quick) return scenario;
  for (const WriteMode mode :
       {WriteMode::nagle, WriteMode::nodelay, WriteMode::gather, WriteMode::flush_io_uring}) {
    scenario.cells.push_back(exchange_cell("N1", {16, 16, 16, 16}, mode, duration));
  }
  return scenario;
}

Scenario body_sizes(const PathTraits& path, Effort effort, nanoseconds duration) {
  Scenario scenario{.id = "N3", .question = "the same with larger bodies: what ends the stall?"};
  constexpr std::size_t head = 4;
  const std::size_t segment = path.segment_bytes();
  std::vector<std::size_t> bodies = {1000, 2000, 20'000, segment + 1000};
  if (effort == Effort::full) {
    // Around one segment, and around two, the first write included.
    bodies.insert(bodies.end(), {60, 400, segment - head - 1, segment - head, segment - head + 1,
                                 2 * segment - head, 2 * segment - head + 1});
    std::ranges::sort(bodies);
  }
  for (const std::size_t body : bodies) {
    for (const WriteMode mode : {WriteMode::nagle, WriteMode::nodelay}) {
      scenario.cells.push_back(exchange_cell("N3", {head, body}, mode, duration));
    }
  }
  return scenario;
}

Scenario single_write(nanoseconds duration) {
  Scenario scenario{.id = "N4", .question = "the same in one write: is Nagle slow?"};
  for (const WriteMode mode : {WriteMode::nagle, WriteMode::nodelay}) {
    scenario.cells.push_back(exchange_cell("N4", {64}, mode, duration));
  }
  return scenario;
}

Scenario flood(std::vector<std::size_t> sizes, Effort effort, nanoseconds duration) {
  if (effort == Effort::full) sizes.insert(sizes.begin(), 1);  // too small to tell its age
  Scenario scenario{
      .id = "N5", .question = "small messages one way, as many as go: what does a segment carry?"};
  for (const std::size_t bytes : sizes) {
    for (const WriteMode mode : flood_modes) {
      scenario.cells.push_back(stream_cell("N5", bytes, mode, duration));
    }
  }
  return scenario;
}

Scenario paced(Effort effort, nanoseconds duration) {
  Scenario scenario{
      .id = "N6", .question = "64 B one way at fixed times: how old are they when they are read?"};
  for (const microseconds interval : {microseconds(100), microseconds(1000)}) {
    for (const WriteMode mode : flood_modes) {
      scenario.cells.push_back(paced_cell("N6", interval, mode, duration));
    }
  }
  if (effort == Effort::quick) return scenario;
  for (const WriteMode mode : flood_modes) {
    scenario.cells.push_back(burst_cell("N6", 8, microseconds(1000), mode, duration));
  }
  return scenario;
}

Scenario batching(nanoseconds duration) {
  constexpr microseconds interval{20};
  Scenario scenario{
      .id = "N10",
      .question = "TCP_NODELAY, and an application or a runtime that gathers: what is the price?"};
  for (const WriteMode mode : flood_modes) {
    scenario.cells.push_back(paced_cell("N10", interval, mode, duration));
  }
  for (const microseconds delay : {microseconds(100), microseconds(1000)}) {
    scenario.cells.push_back(batch_cell("N10", interval, delay, duration));
  }
  return scenario;
}

Scenario pipeline(nanoseconds duration) {
  Scenario scenario{.id = "N13", .question = "requests of 64 B under way at once: who batches?"};
  for (const unsigned depth : {1U, 4U, 16U, 64U}) {
    for (const WriteMode mode : flood_modes) {
      CellSpec cell = exchange_cell("N13", {64}, mode, duration);
      cell.depth = depth;
      cell.name = fmt::format("64 B, depth {}", depth);
      scenario.cells.push_back(cell);
    }
  }
  return scenario;
}

/// What is written last, on a connection whose receiver delays its acknowledgements by then.
Scenario held_tail() {
  constexpr unsigned exchanges_before = 6;
  Scenario scenario{.id = "N14",
                    .question = "two small writes, then the end: does the FIN release the second?"};
  for (const StreamEnd end : {StreamEnd::after_answer, StreamEnd::with_last_message}) {
    for (const WriteMode mode : {WriteMode::nagle, WriteMode::nodelay}) {
      CellSpec cell = exchange_cell("N14", {4, 60}, mode, stalling_duration_min);
      cell.messages_max = exchanges_before + 1;
      cell.messages_min = cell.messages_max;
      cell.exchanges_apart = exchanges_before;
      cell.end = end;
      if (end == StreamEnd::with_last_message) cell.name += ", then FIN";
      scenario.cells.push_back(std::move(cell));
    }
  }
  return scenario;
}

std::vector<Scenario> veth_scenarios(const ScenarioScale& scale) {
  std::vector<Scenario> scenarios = {
      write_write_read(scale.effort, std::max<nanoseconds>(scale.duration, stalling_duration_min)),
      flood({16, 100, 1000}, scale.effort, scale.duration), paced(scale.effort, scale.duration),
      batching(scale.duration)};
  add_congestion_controls(scenarios,
                          {stream_cell("N15", 100, WriteMode::nagle, scale.duration),
                           stream_cell("N15", 100, WriteMode::nodelay, scale.duration)},
                          scale);
  return scenarios;
}

}  // namespace

std::vector<Scenario> nagle_scenarios(const PathTraits& path, const ScenarioScale& scale) {
  const nanoseconds stalling = std::max<nanoseconds>(scale.duration, stalling_duration_min);
  switch (path.kind) {
    case PathKind::loopback:
      return {write_write_read(scale.effort, stalling),
              body_sizes(path, scale.effort, stalling_duration_min),
              single_write(scale.duration),
              flood({16, 100, 1000, 4000}, scale.effort, scale.duration),
              paced(scale.effort, scale.duration),
              pipeline(scale.duration),
              held_tail()};
    case PathKind::veth:
      return veth_scenarios(scale);
    case PathKind::thin:
      return thin_path_scenarios(path, scale);
    case PathKind::far:
      return far_path_scenarios(path, scale);
  }
  std::unreachable();
}

void add_congestion_controls(std::vector<Scenario>& scenarios, const std::vector<CellSpec>& cells,
                             const ScenarioScale& scale) {
  if (scale.congestion_controls.size() < 2) return;
  Scenario scenario{.id = "N15",
                    .question = "the same under each congestion control: is it a matter of that?"};
  for (const std::string& control : scale.congestion_controls) {
    for (const CellSpec& cell : cells) {
      scenario.cells.push_back(cell);
      scenario.cells.back().congestion_control = control;
    }
  }
  scenarios.push_back(std::move(scenario));
}

}  // namespace weir::tools::bench
