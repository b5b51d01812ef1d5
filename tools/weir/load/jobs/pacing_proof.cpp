#include "tools/weir/load/jobs/pacing_proof.h"

#include <cmath>

namespace weir::tools::load {
namespace {

constexpr double us = 1e3;
constexpr double pacing_rate = 5'000;
constexpr std::chrono::milliseconds warm_up(500);

}  // namespace

ProofLoad pacing_load(const Options& base) {
  Options options = proof_options(base, Arrival::Kind::fixed, pacing_rate, std::chrono::seconds(3));
  options.warm_up = warm_up;
  return {.service = {"echo"}, .options = options};
}

ProofGroup prove_pacing(const ProofRun& run) {
  const LoadReport& report = run.report;
  const Histogram& lag = report.latency.send_lag;
  const auto excuse = find_excuse(report, ExcusedBy::machine);
  ProofGroup group{.title = "Sending when it is due, 5 000/s at equal gaps to an echo server"};
  const auto add = [&](Proof proof) { group.proofs.push_back(judge(std::move(proof), excuse)); };
  add({.name = "send lag p50",
       .value = static_cast<double>(lag.value_at_percentile(50)),
       .limits = {.low = 0, .high = 10 * us},
       .unit = "ns",
       .text = "the generator polls when a request is due"});
  // The limit of the trust rule, which every run is held against.
  add({.name = "send lag p99",
       .value = static_cast<double>(lag.value_at_percentile(99)),
       .limits = {.low = 0, .high = 100 * us},
       .unit = "ns",
       .text = "it is seldom late"});
  const double sent = static_cast<double>(report.requests.offered);
  const double wanted =
      pacing_rate * std::chrono::duration<double>(report.options.duration).count();
  add({.name = "offered",
       .value = sent,
       .limits = {.low = wanted, .high = wanted},
       .unit = "count",
       .text = "the schedule has as many requests as rate and time say"});
  return group;
}

ProofLoad closed_load(const Options& base) {
  Options options = base;
  options.open.reset();
  options.rate.reset();
  options.connections = 64;
  options.depth = 16;
  options.warm_up = warm_up;
  options.duration = std::chrono::seconds(2);
  options.samples_kernel = false;
  return {.service = {"echo"}, .options = options};
}

ProofGroup show_closed_rate(const ProofRun& run) {
  const double answered = rate_of(run.report);
  return {.title = "What this machine can generate, 64 connections with 16 in flight each",
          .proofs = {{.name = "closed loop",
                      .value = answered,
                      .unit = "1/s",
                      .outcome = ProofOutcome::information,
                      .text = "this machine can generate about " + proof_figure(answered, "1/s") +
                              " on one thread"}}};
}

}  // namespace weir::tools::load
