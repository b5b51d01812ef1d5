#include "tools/weir/bench/nagle/study.h"

#include <algorithm>
#include <random>
#include <utility>

#include <fmt/format.h>

#include "tools/weir/bench/nagle/network_path.h"
#include "tools/weir/bench/nagle/run_cell.h"
#include "tools/weir/bench/nagle/scenarios.h"
#include "tools/weir/bench/nagle/tcp_socket.h"
#include "weir/core/run.h"

namespace weir::tools::bench {
namespace {

/// In every kernel, and without pacing: what is sent leaves when the algorithm lets it.
constexpr std::string_view wanted_congestion_control = "cubic";
constexpr std::string_view fallback_congestion_control = "reno";

constexpr int ethernet_mtu = 1500;

struct Scale {
  unsigned rounds;
  std::chrono::milliseconds cell;
};

Scale scale_of(Effort effort) {
  return effort == Effort::quick ? Scale{.rounds = 3, .cell = std::chrono::milliseconds(100)}
                                 : Scale{.rounds = 5, .cell = std::chrono::milliseconds(1000)};
}

std::string_view available_congestion_control() {
  const Result<TcpSocket> probe = TcpSocket::listen();
  return probe && set_congestion_control(probe->fd(), wanted_congestion_control)
             ? wanted_congestion_control
             : fallback_congestion_control;
}

std::vector<NetworkPath> make_paths(std::vector<std::string>& left_out) {
  std::vector<NetworkPath> paths;
  paths.push_back(NetworkPath::loopback());
  Result<NetworkPath> small = NetworkPath::loopback_with_mtu(ethernet_mtu);
  if (small) {
    paths.push_back(std::move(*small));
  } else {
    left_out.push_back(
        fmt::format("loopback with an MTU of {}: {} (it needs a network namespace: "
                    "run this as root)",
                    ethernet_mtu, small.error().message()));
  }
  return paths;
}

bool runs_here(WriteMode mode) {
  if (!is_runtime(mode)) return true;
  return backend_report(mode == WriteMode::flush_epoll ? Backend::epoll : Backend::io_uring)
      .has_value();
}

/// A cell, and the path that it is measured on.
struct Work {
  CellSummary* cell;
  const NetworkPath* path;
};

}  // namespace

std::string describe(const CellSummary& cell) {
  return fmt::format("{} {}, {}{}, {}", cell.spec.scenario, cell.spec.name, to_text(cell.spec.mode),
                     cell.spec.acks == AckMode::quick ? ", quick ACKs" : "", cell.path);
}

StudyResult run_study(const Options& options, const StudyProgress& progress) {
  const Scale scale = scale_of(options.effort);
  const CpuPair cpus = choose_cpu_pair();
  StudyResult result;
  result.rounds = scale.rounds;
  result.is_apart = cpus.is_apart();
  result.congestion_control = available_congestion_control();
  for (const WriteMode mode : {WriteMode::flush_io_uring, WriteMode::flush_epoll}) {
    if (!runs_here(mode))
      result.left_out.push_back(fmt::format("{}: `weir doctor` says why", to_text(mode)));
  }
  const std::vector<NetworkPath> paths = make_paths(result.left_out);
  std::vector<const NetworkPath*> path_of_cell;
  for (const NetworkPath& path : paths) {
    for (Scenario& scenario : nagle_scenarios(path.mtu(), scale.cell)) {
      for (CellSpec& spec : scenario.cells) {
        CellSummary cell{.path = path.name(),
                         .question = scenario.question,
                         .spec = std::move(spec),
                         .rounds = {},
                         .failure = {}};
        if (!runs_here(cell.spec.mode) || !options.selects(describe(cell))) continue;
        result.cells.push_back(std::move(cell));
        path_of_cell.push_back(&path);
      }
    }
  }
  std::vector<Work> work;
  for (std::size_t i = 0; i < result.cells.size(); ++i) {
    work.push_back({.cell = &result.cells[i], .path = path_of_cell[i]});
  }
  std::mt19937_64 random(options.seed);
  std::size_t done = 0;
  for (unsigned round = 0; round < scale.rounds; ++round) {
    std::ranges::shuffle(work, random);
    for (const Work& next : work) {
      progress(describe(*next.cell), done++, work.size() * scale.rounds);
      const auto measured = run_cell(
          next.cell->spec,
          {.path = *next.path, .cpus = cpus, .congestion_control = result.congestion_control});
      if (measured) {
        next.cell->rounds.push_back(metrics_of(next.cell->spec, *measured));
      } else {
        next.cell->failure = measured.error();
      }
    }
  }
  return result;
}

}  // namespace weir::tools::bench
