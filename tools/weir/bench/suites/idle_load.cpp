#include "tools/weir/bench/suites/idle_load.h"

#include <thread>
#include <vector>

#include <fmt/format.h>

#include "tools/weir/bench/process/process_cost.h"
#include "tools/weir/bench/process/system_call_counter.h"
#include "tools/weir/common/child_process.h"

namespace weir::tools::bench {
namespace {

constexpr std::chrono::seconds idle_client_patience{60};
/// Until the server's memory has been touched that each further connection shares.
constexpr unsigned warm_up_requests = 10'000;

}  // namespace

IdleLoad::IdleLoad(const Programs& programs, unsigned connections, std::chrono::milliseconds idle)
    : client_(programs.path("raw_client")),
      cpu_(std::to_string(programs.cpus().client)),
      connections_(connections),
      idle_(idle) {}

CellOr IdleLoad::run(RunningContender& server, std::chrono::milliseconds /*duration*/,
                     CellObserver& observer) {
  const auto connect = [&](unsigned connections, unsigned requests) {
    return ChildProcess::start(
        client_,
        {client_, "echo", "--connect", server.address(), "-c", std::to_string(connections),
         "--requests", std::to_string(requests), "--size", "64", "--gated", "--cpu", cpu_});
  };
  const auto echo_once = [&](ChildProcess& client) {
    return client.read_line(idle_client_patience) == "CONNECTED" && client.write("go\n") &&
           client.read_line(idle_client_patience).has_value();
  };
  {
    auto warm = connect(1, warm_up_requests);
    if (!warm) return std::unexpected(warm.error());
    if (!echo_once(*warm)) return std::unexpected("the server did not answer");
  }
  (void)settled_cpu_time_of(server.pid());
  const auto before = resident_bytes_of(server.pid());
  auto holder = connect(connections_, connections_);
  if (!holder) return std::unexpected(holder.error());
  if (!echo_once(*holder)) {
    return std::unexpected(
        fmt::format("{} connections did not all answer; `ulimit -n` must allow "
                    "so many descriptors",
                    connections_));
  }
  (void)settled_cpu_time_of(server.pid());
  const auto after = resident_bytes_of(server.pid());
  if (!before || !after) return std::unexpected("its memory can't be read");
  observer.begin(server.pid());
  const auto calls = SystemCallCounter::start(server.pid());
  const auto cpu = cpu_time_of(server.pid());
  std::this_thread::sleep_for(idle_);
  const std::chrono::nanoseconds used = cpu_time_of(server.pid()) - cpu;
  const double seconds = static_cast<double>(idle_.count()) / 1e3;
  Cell cell;
  cell.units = connections_;
  const double grown = *after > *before ? static_cast<double>(*after - *before) : 0;
  cell.values = {{SuiteMetric::memory, grown / connections_},
                 {SuiteMetric::idle_cpu, static_cast<double>(used.count()) / 1e3 / seconds}};
  if (calls) {
    cell.values.emplace_back(SuiteMetric::idle_calls,
                             static_cast<double>(calls->count()) / seconds);
  }
  observer.end(server.pid());
  return cell;
}

}  // namespace weir::tools::bench
