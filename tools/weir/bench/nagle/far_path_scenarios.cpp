// What matters on a path with a delay: how many round trips something takes, and what waits for the
// acknowledgements that come back over it.

#include <algorithm>

#include "tools/weir/bench/nagle/cell_recipe.h"
#include "tools/weir/bench/nagle/scenarios.h"

namespace weir::tools::bench {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::nanoseconds;

constexpr int round_trips_paced = 10;
/// A connection that opens its window: what N7 is about is over when it has grown enough.
constexpr int round_trips_opening = 10;
constexpr microseconds dense_interval{100};

/// With Nagle's algorithm the second write comes a round trip after the first: that is no stall,
/// and takes two of them.
CellSpec far_exchange(WriteMode mode, AckMode acks, nanoseconds rtt) {
  CellSpec cell = exchange_cell("N2", {4, 60}, mode, stalling_duration_min);
  cell.acks = acks;
  cell.stall_limit = 2 * rtt + stall_min;
  return cell;
}

Scenario far_write_write_read(nanoseconds rtt) {
  Scenario scenario{.id = "N2", .question = "a request in two small writes, from far away"};
  for (const WriteMode mode :
       {WriteMode::nagle, WriteMode::nodelay, WriteMode::gather, WriteMode::flush_io_uring}) {
    scenario.cells.push_back(far_exchange(mode, AckMode::delayed, rtt));
  }
  scenario.cells.push_back(far_exchange(WriteMode::nagle, AckMode::quick, rtt));
  return scenario;
}

Scenario far_paced(nanoseconds rtt, const ScenarioScale& scale) {
  Scenario scenario{.id = "N6",
                    .question = "64 B one way at fixed times, more often and less than the RTT"};
  const nanoseconds duration = std::max(scale.duration, round_trips_paced * rtt);
  std::vector<nanoseconds> intervals = {rtt / 10, rtt / 2, 2 * rtt};
  if (scale.effort == Effort::full) intervals = {rtt / 10, rtt / 4, rtt / 2, rtt, 2 * rtt};
  for (const nanoseconds interval : intervals) {
    for (const WriteMode mode : {WriteMode::nagle, WriteMode::nodelay}) {
      scenario.cells.push_back(
          paced_cell("N6", duration_cast<microseconds>(interval), mode, duration));
    }
  }
  return scenario;
}

Scenario far_dense(nanoseconds rtt) {
  Scenario scenario{
      .id = "N7",
      .question = "64 B far more often than the RTT, on a connection that has just begun"};
  const nanoseconds duration = round_trips_opening * rtt;
  for (const WriteMode mode : {WriteMode::nagle, WriteMode::nodelay, WriteMode::flush_io_uring}) {
    scenario.cells.push_back(paced_cell("N7", dense_interval, mode, duration));
  }
  scenario.cells.push_back(batch_cell("N7", dense_interval, microseconds(1000), duration));
  return scenario;
}

}  // namespace

std::vector<Scenario> far_path_scenarios(const PathTraits& path, const ScenarioScale& scale) {
  std::vector<Scenario> scenarios = {far_write_write_read(path.rtt), far_paced(path.rtt, scale)};
  // Where the round trip is short the window is no matter.
  if (path.rtt < 50 * dense_interval) return scenarios;
  scenarios.push_back(far_dense(path.rtt));
  const nanoseconds duration = round_trips_opening * path.rtt;
  add_congestion_controls(scenarios,
                          {paced_cell("N15", dense_interval, WriteMode::nagle, duration),
                           paced_cell("N15", dense_interval, WriteMode::nodelay, duration)},
                          scale);
  return scenarios;
}

}  // namespace weir::tools::bench
