#include "tools/weir/load/jobs/proof_run.h"

#include <utility>

#include "tools/weir/demo/server_process.h"
#include "tools/weir/load/engine/interval.h"
#include "tools/weir/load/jobs/load_at_rate.h"
#include "tools/weir/load/jobs/one_run.h"
#include "tools/weir/load/stats/hlog_writer.h"

namespace weir::tools::load {
namespace {

/// The rest of the last second is none.
constexpr std::chrono::milliseconds whole_second(900);

}  // namespace

std::expected<ProofRun, std::string> run_proof(const ProofLoad& load) {
  std::vector<std::string> words = load.service;
  words.insert(words.end(), {"--backend", std::string(to_string(load.options.backend))});
  auto server = demo::ServerProcess::start(words);
  if (!server) return std::unexpected(server.error());
  Options options = load.options;
  options.target = {.address = server->address(), .text = "tcp://" + server->address().to_string()};
  ProofRun run;
  run.hlog = hlog_header({.start = std::chrono::system_clock::now()});
  RunSinks sinks;
  sinks.interval = [&run](std::chrono::nanoseconds begin, std::chrono::nanoseconds length,
                          const Interval& interval) {
    const Histogram& response = interval.latency.response.all();
    if (response.empty()) return;
    if (length >= whole_second) run.second_means_ns.push_back(response.mean());
    run.hlog += hlog_line("response", {.start = begin, .length = length}, response);
  };
  auto report = run_once(options, sinks, {});
  const auto stopped = server->stop();
  if (!report) return std::unexpected(report.error());
  run.report = *std::move(report);
  // Ctrl-C reaches a server of the same terminal too.
  if (!stopped && !run.report.interrupted) return std::unexpected(stopped.error());
  if (stopped) run.server_words = stopped->words;
  return run;
}

Options proof_options(const Options& base, Arrival::Kind arrival, double rate,
                      std::chrono::nanoseconds duration) {
  Options options = base;
  options.open = OpenLoad{.shape = RateShape({.first = rate, .last = rate}, duration),
                          .arrival = {.kind = arrival}};
  options.samples_kernel = false;
  options.warm_up = std::chrono::nanoseconds(0);
  return load_at_rate(options, rate, duration);
}

}  // namespace weir::tools::load
