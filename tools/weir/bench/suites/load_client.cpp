#include "tools/weir/bench/suites/load_client.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/weir/common/child_process.h"
#include "tools/weir/common/json_text.h"
#include "tools/weir/load/report/latency_json.h"

namespace weir::tools::bench {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::seconds load_client_patience{60};
constexpr milliseconds probe_duration{300};

/// Asks nothing of the server: only its largest rate is of interest.
class NoObserver : public CellObserver {
 public:
  void begin(pid_t) override {}
  void end(pid_t) override {}
};

double percentile_us(const Json& latency, const char* percentile) {
  return latency.at("p").at(percentile).get<double>() / 1e3;
}

/// From the JSON of a run. Throws what `Json` does if something is missing.
CellOr cell_of(const Json& report) {
  const Json& phase = report.at("phases").at(0);
  const Json& latency = phase.at("latency");
  Cell cell;
  const double rate = phase.at("rate").get<double>();
  // Those of the warm-up cost the server something too; how many they were follows from the rate.
  cell.units = phase.at("requests").at("answered").get<double>() +
               rate * report.at("config").at("warm_up_s").get<double>();
  const LatencyStart start =
      latency.contains(to_text(LatencyStart::due)) ? LatencyStart::due : LatencyStart::sent;
  const Json& times = latency.at(std::string(to_text(start)));
  auto samples = load::latency_from_json(times);
  if (!samples) {
    return std::unexpected(fmt::format("`weir load` wrote a damaged latency: {}", samples.error()));
  }
  cell.latency = {.start = start, .samples = *std::move(samples)};
  cell.values = {{SuiteMetric::rate, rate},
                 {SuiteMetric::client_cpu, phase.value("generator_cpu_s", 0.0) * 1e9 / cell.units},
                 {SuiteMetric::p50, percentile_us(times, "50")},
                 {SuiteMetric::p99, percentile_us(times, "99")},
                 {SuiteMetric::p999, percentile_us(times, "99.9")}};
  return cell;
}

}  // namespace

LoadClient::LoadClient(const Programs& programs, Choice choice)
    : weir_(programs.weir()), cpu_(programs.cpus().client), choice_(std::move(choice)) {}

std::expected<void, std::string> LoadClient::prepare(std::vector<RunningContender>& contenders) {
  if (choice_.share_of_slowest <= 0) return {};
  double slowest = 0;
  for (RunningContender& contender : contenders) {
    NoObserver nobody;
    const CellOr cell = load(contender, probe_duration, {"--closed", "--warmup", "0s"}, nobody);
    if (!cell) return std::unexpected(cell.error());
    for (const auto& [metric, value] : cell->values) {
      if (metric != SuiteMetric::rate) continue;
      slowest = slowest == 0 ? value : std::min(slowest, value);
    }
  }
  rate_ = fmt::format("{:.0f}", slowest * choice_.share_of_slowest);
  return {};
}

CellOr LoadClient::run(RunningContender& server, milliseconds duration, CellObserver& observer) {
  const milliseconds length = std::max(duration, choice_.duration_min);
  // In a closed loop nobody knows how many requests the warm-up had: there is none.
  if (rate_.empty()) return load(server, length, {"--closed", "--warmup", "0s"}, observer);
  return load(server, length, {"--rate", rate_, "--warmup", "50ms"}, observer);
}

CellOr LoadClient::load(RunningContender& server, milliseconds duration,
                        const std::vector<std::string>& mode, CellObserver& observer) const {
  std::vector<std::string> command = {weir_,
                                      "load",
                                      "tcp://" + server.address(),
                                      "-d",
                                      fmt::format("{}ms", duration.count()),
                                      "--progress",
                                      "none",
                                      "--allow-untrusted",
                                      "--stamps",
                                      "app",
                                      "-o",
                                      "-"};
  if (cpu_ >= 0) command.insert(command.end(), {"--cpus", std::to_string(cpu_)});
  command.insert(command.end(), mode.begin(), mode.end());
  command.insert(command.end(), choice_.flags.begin(), choice_.flags.end());
  observer.begin(server.pid());
  auto client = ChildProcess::start(weir_, command);
  if (!client) return std::unexpected(client.error());
  const std::string output = client->read_rest(load_client_patience);
  observer.end(server.pid());
  const auto end = client->wait(load_client_patience);
  const auto report = Json::parse(output, nullptr, /*allow_exceptions=*/false);
  if (!end || !report.is_object() || end->exit_code != 0) {
    return std::unexpected("`weir load` failed; what it printed above says why");
  }
  try {
    return cell_of(report);
  } catch (const Json::exception& error) {
    return std::unexpected(fmt::format("`weir load` wrote an incomplete report: {}", error.what()));
  }
}

}  // namespace weir::tools::bench
