#include "tools/weir/demo/run.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "tools/weir/common/cpu_pair.h"
#include "tools/weir/common/machine.h"
#include "tools/weir/common/system_files.h"
#include "tools/weir/common/version.h"
#include "tools/weir/demo/server_process.h"
#include "tools/weir/demo/table.h"
#include "tools/weir/load/engine/measure.h"
#include "weir/weir.h"

namespace weir::tools::demo {
namespace {

struct Load {
  const char* name;
  std::uint32_t connections;
  std::uint32_t depth;
};

constexpr std::array loads = {Load{"1 connection, 64 bytes", 1, 1},
                              Load{"64 connections, 64 bytes", 64, 1},
                              Load{"64 connections, 64 bytes, 16 requests in flight each", 64, 16}};

/// What one server used for one load; the failure is printed and leaves an empty cell.
Cell measure_cell(const Load& load, Backend backend, const CpuPair& cpus, Duration duration) {
  Cell cell;
  cell.load = load.name;
  cell.backend = backend;
  auto server = ServerProcess::start(backend, cpus.server);
  if (!server) {
    fmt::print(stderr, "weir demo: {}: {}\n", to_string(backend), server.error());
    return cell;
  }
  load::Options options;
  options.target = {.address = server->address(), .text = "tcp://" + server->address().to_string()};
  options.connections = load.connections;
  options.depth = load.depth;
  // Short: the cells of the demo are seconds, and ten of them in all.
  options.warm_up = duration / 10;
  options.duration = duration - *options.warm_up;
  options.backend = backend;
  if (cpus.is_apart()) options.cpus.add(cpus.client);
  const auto report = load::measure(options, {});
  const auto usage = server->stop();
  if (!report || !usage) {
    fmt::print(stderr, "weir demo: {}: {}\n", to_string(backend),
               report ? usage.error() : report.error());
    return cell;
  }
  const auto latency = [&report](double percentile) {
    return std::chrono::nanoseconds(
        static_cast<std::int64_t>(report->latency.primary().all().value_at_percentile(percentile)));
  };
  const double requests =
      static_cast<double>(std::max<std::uint64_t>(report->requests.answered, 1));
  cell.requests = report->requests.answered;
  cell.errors = report->errors.total();
  cell.rate = load::rate_of(*report);
  cell.p50 = latency(50);
  cell.p99 = latency(99);
  cell.max =
      std::chrono::nanoseconds(static_cast<std::int64_t>(report->latency.primary().all().max()));
  cell.server_cpu_per_request = std::chrono::nanoseconds(
      static_cast<std::int64_t>(static_cast<double>(usage->cpu_time.count()) / requests));
  if (usage->system_calls) {
    cell.server_calls_per_request = static_cast<double>(*usage->system_calls) / requests;
  }
  return cell;
}

std::vector<Backend> available_backends() {
  std::vector<Backend> backends;
  for (const Backend backend : {Backend::io_uring, Backend::epoll}) {
    if (const auto report = backend_report(backend); report) {
      backends.push_back(backend);
    } else {
      fmt::print("{} is not available here: `weir doctor` says why\n", to_string(backend));
    }
  }
  return backends;
}

}  // namespace

ExitCode run(const Options& options) {
  const TextStyle style = choose_text_style(read_text_environment(STDOUT_FILENO));
  fmt::print("{} on {}\n", version_line(), describe(read_machine(SystemFiles())));
  const std::vector<Backend> backends = available_backends();
  const CpuPair cpus = choose_cpu_pair();
  fmt::print("An echo server and a closed-loop load, each on one CPU{}, every byte checked.\n\n",
             cpus.is_apart() ? "" : " (the same: this machine has one)");
  std::fflush(stdout);

  const Duration cell_duration = options.duration / (loads.size() * backends.size());
  std::vector<Cell> cells;
  bool failed = backends.empty();
  for (const Load& load : loads) {
    for (const Backend backend : backends) {
      cells.push_back(measure_cell(load, backend, cpus, cell_duration));
      failed = failed || cells.back().requests == 0 || cells.back().errors != 0;
    }
  }
  fmt::print("{}\n", table_text(cells, style));
  fmt::print(
      "Short runs on a busy machine: compare within a block, not with other days.\n"
      "Next: `weir doctor`; or `weir serve echo --listen 127.0.0.1:7000` and, elsewhere,\n"
      "`weir load tcp://127.0.0.1:7000 --closed -c 64 -d 10s`\n");
  return failed ? ExitCode::run_failed : ExitCode::done;
}

}  // namespace weir::tools::demo
