// What matters on a path with a low rate: the headers of small segments, and what waits in queues.

#include <algorithm>

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

Scenario thin_link(nanoseconds duration) {
  constexpr microseconds interval{100};
  Scenario scenario{.id = "N8",
                    .question = "64 B one way on a thin link, whose rate the headers count for"};
  for (const WriteMode mode :
       {WriteMode::nagle, WriteMode::nodelay, WriteMode::flush_io_uring, WriteMode::flush_epoll}) {
    scenario.cells.push_back(paced_cell("N8", interval, mode, duration));
  }
  scenario.cells.push_back(batch_cell("N8", interval, microseconds(1000), duration));
  return scenario;
}

Scenario autocorking(nanoseconds duration) {
  Scenario scenario{
      .id = "N11",
      .question = "TCP_NODELAY on a busy device: what does the kernel merge (tcp_autocorking)?"};
  for (const microseconds interval : {microseconds(200), microseconds(100)}) {
    for (const Autocorking choice : {Autocorking::on, Autocorking::off}) {
      CellSpec cell = paced_cell("N11", interval, WriteMode::nodelay, duration);
      cell.autocorking = choice;
      scenario.cells.push_back(cell);
    }
  }
  return scenario;
}

Scenario urgent_message(nanoseconds duration) {
  constexpr milliseconds interval{50};
  Scenario scenario{.id = "N12",
                    .question = "64 B amid bulk on the same connection: how old when it is read?"};
  for (const std::size_t lowat : {0UL, 16UL << 10}) {
    CellSpec cell = paced_cell("N12", interval, WriteMode::nodelay, duration);
    cell.bulk_bytes = std::size_t{16} << 10;
    cell.notsent_lowat_bytes = lowat;
    scenario.cells.push_back(cell);
  }
  return scenario;
}

}  // namespace

std::vector<Scenario> thin_path_scenarios(const ScenarioScale& scale) {
  const nanoseconds queueing = std::max<nanoseconds>(scale.duration, queueing_duration_min);
  return {thin_link(queueing), autocorking(queueing),
          urgent_message(std::max<nanoseconds>(scale.duration, bulk_duration_min))};
}

}  // namespace weir::tools::bench
