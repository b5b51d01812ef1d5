// What matters on a path with a low rate: the headers of small segments, and what waits in queues.

#include <algorithm>
#include <ratio>
#include <string_view>

#include <fmt/format.h>

#include "tools/weir/bench/nagle/cell_recipe.h"
#include "tools/weir/bench/nagle/scenarios.h"

namespace weir::tools::bench {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

/// Long enough for a queue to build up, or not to.
constexpr milliseconds queueing_duration_min{400};
/// Until the socket's buffer has grown to what the kernel lets it be.
constexpr milliseconds bulk_duration_min{1500};
constexpr std::size_t lowat_bytes = std::size_t{16} << 10;

/// The same load for the link whatever its rate: 64 B and the headers of a segment each fill it.
microseconds filling_interval(const PathTraits& path) {
  constexpr std::int64_t bits = 1000;  // a little less than such a frame has
  return microseconds(bits * std::micro::den / static_cast<std::int64_t>(path.bits_per_s));
}

Scenario thin_link(microseconds interval, nanoseconds duration) {
  Scenario scenario{.id = "N8",
                    .question = "64 B one way on a thin link, whose rate the headers count for"};
  for (const WriteMode mode :
       {WriteMode::nagle, WriteMode::nodelay, WriteMode::flush_io_uring, WriteMode::flush_epoll}) {
    scenario.cells.push_back(paced_cell("N8", interval, mode, duration));
  }
  scenario.cells.push_back(batch_cell("N8", interval, microseconds(1000), duration));
  return scenario;
}

Scenario autocorking(microseconds filling, nanoseconds duration) {
  Scenario scenario{
      .id = "N11",
      .question = "TCP_NODELAY on a busy device: what does the kernel merge (tcp_autocorking)?"};
  for (const microseconds interval : {2 * filling, filling}) {
    for (const Autocorking choice : {Autocorking::on, Autocorking::off}) {
      CellSpec cell = paced_cell("N11", interval, WriteMode::nodelay, duration);
      cell.autocorking = choice;
      scenario.cells.push_back(cell);
    }
  }
  return scenario;
}

/// Seldom enough for pieces of bulk in between.
CellSpec urgent_cell(std::string_view scenario, const PathTraits& path, std::size_t lowat,
                     nanoseconds duration) {
  constexpr milliseconds interval_min{50};
  constexpr int messages_apart = 500;  // at their rate the link takes three pieces meanwhile
  CellSpec cell = paced_cell(
      scenario, std::max<microseconds>(interval_min, messages_apart * filling_interval(path)),
      WriteMode::nodelay, duration);
  cell.bulk_bytes = std::size_t{16} << 10;
  cell.notsent_lowat_bytes = lowat;
  return cell;
}

Scenario urgent_message(const PathTraits& path, nanoseconds duration) {
  Scenario scenario{.id = "N12",
                    .question = "64 B amid bulk on the same connection: how old when it is read?"};
  for (const std::size_t lowat : {0UL, lowat_bytes}) {
    scenario.cells.push_back(urgent_cell("N12", path, lowat, duration));
  }
  return scenario;
}

/// Once congestion control knows the link. BBR believes the best rate of the last ten round trips,
/// and its own queue makes them long. In the first 1.5 s at 10 Mbit/s its messages were three times
/// as old as cubic's, after 2.5 s half as old.
CellSpec settled_urgent_cell(const PathTraits& path, nanoseconds duration) {
  constexpr int messages_apart = 25'000;  // at the rate of the link
  const microseconds settling = messages_apart * filling_interval(path);
  CellSpec cell = urgent_cell("N15", path, lowat_bytes,
                              settling + std::max<nanoseconds>(duration, settling / 2));
  cell.settling = settling;
  return cell;
}

}  // namespace

std::vector<Scenario> thin_path_scenarios(const PathTraits& path, const ScenarioScale& scale) {
  const nanoseconds queueing = std::max<nanoseconds>(scale.duration, queueing_duration_min);
  const nanoseconds bulk = std::max<nanoseconds>(scale.duration, bulk_duration_min);
  const microseconds filling = filling_interval(path);
  std::vector<Scenario> scenarios = {thin_link(filling, queueing), autocorking(filling, queueing),
                                     urgent_message(path, bulk)};
  add_congestion_controls(
      scenarios,
      {paced_cell("N15", filling, WriteMode::nagle, queueing),
       paced_cell("N15", filling, WriteMode::nodelay, queueing), settled_urgent_cell(path, bulk)},
      scale);
  return scenarios;
}

}  // namespace weir::tools::bench
