// Servers that are formulas: what a run on them measures is computed, noise included, so that jobs
// are tested thousands of times without a socket.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <random>
#include <vector>

#include "tests/tools/support/example_report.h"
#include "tools/weir/load/jobs/runner.h"

namespace weir::tools::load {

/// What a server does at a rate, without noise.
struct ServerAnswer {
  double p50_us = 0;
  double p99_us = 0;
  double answered_share = 1;
  bool is_trusted = true;
};

struct SimulatedServer {
  std::function<ServerAnswer(double rate)> answer;
  double latency_noise = 0.05;  ///< standard deviation of the logarithm, in a run of 1 s
  double hiccup_share = 0;      ///< of the runs, those whose p99 is ten times as long
};

/// Poisson arrivals at one worker with exponential service times: response times are exponential.
inline ServerAnswer mm1(double capacity, double rate) {
  if (rate >= capacity) {
    return {.p50_us = 400'000, .p99_us = 900'000, .answered_share = capacity / rate};
  }
  const double mean_us = 1e6 / (capacity - rate);
  return {.p50_us = std::log(2) * mean_us, .p99_us = std::log(100) * mean_us};
}

/// Always as fast, until it is too much.
inline ServerAnswer cliff(double capacity, double rate) {
  if (rate <= capacity) return {.p50_us = 50, .p99_us = 200};
  return {.p50_us = 200'000, .p99_us = 900'000, .answered_share = capacity / rate};
}

/// A report with small histograms: a search makes thousands of them.
inline LoadReport small_report() {
  const HistogramRange range{.lowest = 1'000};
  LoadReport report;
  report.options.target = parse_target("tcp://127.0.0.1:9000").value();
  report.latency = {.response = CensoredHistogram(range),
                    .service = CensoredHistogram(range),
                    .send_lag = Histogram(range),
                    .connection_wait = Histogram(range),
                    .connect = Histogram(range),
                    .kernel_rtt = Histogram(range)};
  return report;
}

class Simulation {
 public:
  Simulation(SimulatedServer server, std::uint64_t seed)
      : server_(std::move(server)), random_(seed) {}

  /// What `Runner` does.
  LoadReport run(const Options& options) {
    ++runs_;
    LoadReport report = prototype_;
    report.options = options;
    report.measured = options.duration;
    const double seconds = std::chrono::duration<double>(options.duration).count();
    const double rate = options.rate.value_or(0);
    const ServerAnswer answer = server_.answer(rate);
    const double noise = std::exp(server_.latency_noise / std::sqrt(seconds) * normal_(random_));
    const double hiccup = uniform_(random_) < server_.hiccup_share ? 10 : 1;
    report.requests.offered = static_cast<std::uint64_t>(std::llround(rate * seconds));
    report.requests.answered = static_cast<std::uint64_t>(
        std::llround(static_cast<double>(report.requests.offered) * answer.answered_share));
    report.requests.sent = report.requests.answered;
    report.requests.unsent = report.requests.offered - report.requests.answered;
    record(report, 500, answer.p50_us * noise);
    record(report, 20, answer.p99_us * noise * hiccup);
    record(report, 480, answer.p50_us * noise);
    if (!answer.is_trusted) {
      report.trust = {{.rule = TrustRule::offered_rate,
                       .ok = false,
                       .text = "not everything was sent",
                       .remedy = "--shards 2"}};
    }
    report.slo = judge_slo(options.slo, report);
    return report;
  }

  [[nodiscard]] int runs() const noexcept { return runs_; }

 private:
  static void record(LoadReport& report, int count, double us) {
    const auto ns = static_cast<std::uint64_t>(std::llround(us * 1'000));
    for (int i = 0; i < count; ++i) report.latency.response.record(ns);
  }

  SimulatedServer server_;
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
  std::uniform_real_distribution<double> uniform_;
  LoadReport prototype_ = small_report();
  int runs_ = 0;
};

inline Runner runner_of(Simulation& simulation) {
  return [&simulation](const Options& options) -> std::expected<LoadReport, std::string> {
    return simulation.run(options);
  };
}

/// An open loop with goals, 10 s a run.
inline Options simulated_options(std::string_view slo) {
  Options options;
  options.target = parse_target("tcp://127.0.0.1:9000").value();
  options.slo = parse_slo(slo).value();
  options.duration = std::chrono::seconds(10);
  options.open = OpenLoad{.shape = RateShape({.first = 1000, .last = 1000}, options.duration)};
  options.rate = 1000;
  return options;
}

}  // namespace weir::tools::load
