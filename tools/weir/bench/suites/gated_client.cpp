#include "tools/weir/bench/suites/gated_client.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/weir/bench/suites/client_latency.h"
#include "tools/weir/common/child_process.h"

namespace weir::tools::bench {
namespace {

constexpr std::chrono::seconds gated_client_patience{30};
constexpr std::string_view warm_up_s = "0.1";

}  // namespace

std::expected<nlohmann::json, std::string> run_gated(const std::vector<std::string>& command,
                                                     pid_t server,
                                                     std::chrono::milliseconds duration,
                                                     CellObserver& observer) {
  auto client = ChildProcess::start(command.front(), command);
  if (!client) return std::unexpected(client.error());
  if (client->read_line(gated_client_patience) != "CONNECTED") {
    return std::unexpected(fmt::format("`{}` did not connect", command.front()));
  }
  observer.begin(server);
  if (!client->write("go\n")) return std::unexpected("the client ended early");
  const auto line = client->read_line(duration + gated_client_patience);
  observer.end(server);
  client->close_input();
  if (!line) return std::unexpected("the client did not end its run");
  nlohmann::json result = nlohmann::json::parse(*line, nullptr, /*allow_exceptions=*/false);
  if (!result.is_object() || !result.contains("requests")) {
    return std::unexpected(fmt::format("the client said \"{}\"", *line));
  }
  if (result.value("errors", 0) != 0) {
    return std::unexpected(fmt::format("the load failed: {}", *line));
  }
  (void)client->wait(gated_client_patience);
  return result;
}

CellOr GatedClientLoad::run(RunningContender& server, std::chrono::milliseconds duration,
                            CellObserver& observer) {
  std::vector<std::string> command = client_.command;
  const std::string seconds = fmt::format("{:.3f}", static_cast<double>(duration.count()) / 1e3);
  command.insert(command.end(), {"--connect", server.address(), "--gated", "--duration", seconds,
                                 "--warmup", std::string(warm_up_s)});
  const auto result = run_gated(command, server.pid(), duration, observer);
  if (!result) return std::unexpected(result.error());
  Cell cell;
  cell.units = result->value("requests", 0.0);
  if (cell.units <= 0) return std::unexpected("not one request was answered");
  cell.values = {{SuiteMetric::client_cpu, result->value("client_cpu_ns", 0.0) / cell.units},
                 {SuiteMetric::rate, result->value("requests_per_second", 0.0)}};
  if (client_.has_latency) {
    cell.values.emplace_back(SuiteMetric::p50, result->value("p50_us", 0.0));
    cell.values.emplace_back(SuiteMetric::p99, result->value("p99_us", 0.0));
    auto latency = client_latency(*result);
    if (!latency) return std::unexpected(latency.error());
    cell.latency = *std::move(latency);
  }
  return cell;
}

}  // namespace weir::tools::bench
