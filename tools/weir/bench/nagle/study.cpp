#include "tools/weir/bench/nagle/study.h"

#include <algorithm>
#include <iterator>
#include <random>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "tools/weir/bench/doctor/examine_noise.h"
#include "tools/weir/bench/nagle/congestion_controls.h"
#include "tools/weir/bench/nagle/network_path.h"
#include "tools/weir/bench/nagle/run_cell.h"
#include "tools/weir/bench/nagle/scenarios.h"
#include "weir/core/run.h"

namespace weir::tools::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr int ethernet_mtu = 1500;

struct Scale {
  unsigned rounds;
  milliseconds cell;
  std::vector<milliseconds> rtts;
  /// So slow that small messages and their headers can fill it.
  std::vector<std::uint64_t> thin_bits_per_s;
};

Scale scale_of(Effort effort) {
  return effort == Effort::quick
             ? Scale{.rounds = 3,
                     .cell = milliseconds(100),
                     .rtts = {milliseconds(10), milliseconds(50)},
                     .thin_bits_per_s = {10'000'000}}
             : Scale{.rounds = 5,
                     .cell = milliseconds(600),
                     .rtts = {milliseconds(1), milliseconds(2), milliseconds(10), milliseconds(50),
                              milliseconds(100)},
                     .thin_bits_per_s = {2'000'000, 10'000'000, 50'000'000}};
}

/// One path after the other, and why there is none where there is none.
class PathList {
 public:
  explicit PathList(std::vector<std::string>& left_out) : left_out_(left_out) {}

  void add(const std::string& name, NetworkPath::OrProblem path) {
    if (path) {
      paths_.push_back(std::move(*path));
      return;
    }
    const bool is_refused = path.error().why == std::errc::operation_not_permitted ||
                            path.error().why == std::errc::permission_denied;
    left_out_.push_back(fmt::format("{}: {}{}", name, path.error().to_string(),
                                    is_refused ? " (run this as root)" : ""));
  }
  [[nodiscard]] std::vector<NetworkPath> take() { return std::move(paths_); }

 private:
  std::vector<std::string>& left_out_;
  std::vector<NetworkPath> paths_;
};

std::vector<NetworkPath> make_paths(const Scale& scale, std::vector<std::string>& left_out) {
  PathList paths(left_out);
  paths.add("loopback", NetworkPath::loopback());
  paths.add(fmt::format("loopback with an MTU of {}", ethernet_mtu),
            NetworkPath::loopback_with_mtu(ethernet_mtu));
  paths.add("virtual Ethernet", NetworkPath::veth(ethernet_mtu));
  for (const std::uint64_t rate : scale.thin_bits_per_s) {
    paths.add(fmt::format("virtual Ethernet with a rate of {} Mbit/s", rate / 1'000'000),
              NetworkPath::veth_at_rate(ethernet_mtu, rate));
  }
  for (const std::chrono::milliseconds rtt : scale.rtts) {
    paths.add(fmt::format("a relay with an RTT of {} ms", rtt.count()),
              NetworkPath::far(ethernet_mtu, rtt));
  }
  return paths.take();
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

/// The cells that are wanted and possible; of `paths`, which outlive the work.
std::vector<Work> plan_work(const std::vector<NetworkPath>& paths, const Options& options,
                            const ScenarioScale& scale, std::vector<CellSummary>& cells) {
  std::vector<const NetworkPath*> path_of_cell;
  for (const NetworkPath& path : paths) {
    for (Scenario& scenario : nagle_scenarios(path.traits(), scale)) {
      for (CellSpec& spec : scenario.cells) {
        CellSummary cell{.path = path.name(),
                         .question = scenario.question,
                         .spec = std::move(spec),
                         .rounds = {},
                         .failure = {},
                         .traits = path.traits(),
                         .congestion_control = {}};
        if (!runs_here(cell.spec.mode) || !options.selects(describe(cell))) continue;
        cells.push_back(std::move(cell));
        path_of_cell.push_back(&path);
      }
    }
  }
  std::vector<Work> work;
  work.reserve(cells.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    work.push_back({.cell = &cells[i], .path = path_of_cell[i]});
  }
  return work;
}

}  // namespace

std::string describe(const CellSummary& cell) {
  return fmt::format("{} {}, {}, {}", cell.spec.scenario, cell.spec.name, sender_text(cell.spec),
                     cell.path);
}

StudyResult run_study(const Options& options, const StudyEvents& events) {
  const Scale scale = scale_of(options.effort);
  const CpuPair cpus = choose_cpu_pair();
  StudyResult result;
  result.effort = options.effort;
  result.rounds = scale.rounds;
  result.cell = scale.cell;
  result.machine = read_machine(SystemFiles());
  result.machine.interfaces = read_network_interfaces();
  result.is_apart = cpus.is_apart();
  const ScenarioScale scenarios{
      .effort = options.effort,
      .duration = scale.cell,
      .congestion_controls = usable_congestion_controls(probe_congestion_control, result.left_out)};
  // Reno is in every kernel, and allowed to all.
  result.congestion_control =
      scenarios.congestion_controls.empty() ? "reno" : scenarios.congestion_controls.front();
  for (const WriteMode mode : {WriteMode::flush_io_uring, WriteMode::flush_epoll}) {
    if (!runs_here(mode))
      result.left_out.push_back(fmt::format("{}: `weir doctor` says why", to_text(mode)));
  }
  const std::vector<NetworkPath> paths = make_paths(scale, result.left_out);
  std::vector<Work> work = plan_work(paths, options, scenarios, result.cells);
  if (work.empty()) return result;
  for (const NetworkPath& path : paths) {
    if (std::ranges::none_of(work, [&](const Work& it) { return it.path == &path; })) continue;
    std::ranges::move(read_path_ends(path), std::back_inserter(result.path_ends));
  }
  result.record.noise = examine_noise(SystemFiles(), measure_noise());
  events.noise(result.record.noise);
  result.record.before = read_machine_moment(SystemFiles());
  std::mt19937_64 random(options.seed);
  std::size_t done = 0;
  for (unsigned round = 0; round < scale.rounds; ++round) {
    std::ranges::shuffle(work, random);
    for (const Work& next : work) {
      events.cell(describe(*next.cell), done++, work.size() * scale.rounds);
      const auto measured = run_cell(
          next.cell->spec,
          {.path = *next.path, .cpus = cpus, .congestion_control = result.congestion_control});
      if (measured) {
        next.cell->rounds.push_back(metrics_of(next.cell->spec, *measured));
        next.cell->congestion_control = measured->sender.congestion_control;
      } else {
        next.cell->failure = measured.error();
      }
    }
  }
  result.record.after = read_machine_moment(SystemFiles());
  return result;
}

}  // namespace weir::tools::bench
