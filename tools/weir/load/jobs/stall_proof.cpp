#include "tools/weir/load/jobs/stall_proof.h"

#include <fmt/format.h>

#include "tools/weir/load/report/labelled_line.h"

namespace weir::tools::load {
namespace {

constexpr double ms = 1e6;
constexpr double stall_rate = 1'000;
/// As the issue of corrected and uncorrected percentiles is one of factors, not of percents.
constexpr double uncorrected_max = 10 * ms;

ProofLimits around(double value, double share) {
  return {value * (1 - share), value * (1 + share)};
}

}  // namespace

ProofLoad stall_load(const Options& base, std::uint32_t connections,
                     std::chrono::seconds duration) {
  Options options = base;
  options.connections = connections;
  options = proof_options(options, Arrival::Kind::fixed, stall_rate, duration);
  options.warm_up = std::chrono::seconds(1);
  return {.service = {"stall", "--every", "1s", "--for", "100ms"}, .options = options};
}

ProofGroup prove_stall(const ProofRun& run) {
  const LoadReport& report = run.report;
  const Histogram& response = report.latency.response.all();
  const std::uint32_t connections = report.options.connections;
  const auto percentile = [&response](double p) {
    return static_cast<double>(response.value_at_percentile(p));
  };
  const auto excuse = find_excuse(report, ExcusedBy::any_veto);
  ProofGroup group{.title = fmt::format("A server that hangs 100 ms a second, 1 000/s, {}",
                                        plural(connections, "connection"))};
  const auto add = [&](Proof proof) { group.proofs.push_back(judge(std::move(proof), excuse)); };
  // Ten requests share a connection's wait for its turn after a stall; one connection alone sends
  // them one after the other, but between stalls nobody waits.
  if (connections == 1) {
    add({.name = "response p50",
         .value = percentile(50),
         .limits = {.low = 1, .high = 0.3 * ms},
         .unit = "ns",
         .text = "between stalls nothing waits"});
  }
  add({.name = "response p99",
       .value = percentile(99),
       .limits = around(90 * ms, 0.03),
       .unit = "ns",
       .text = "one in a hundred waits 90 ms or more"});
  add({.name = "response p99.9",
       .value = percentile(99.9),
       .limits = around(99 * ms, 0.03),
       .unit = "ns",
       .text = "one in a thousand waits 99 ms or more"});
  add({.name = "response max",
       .value = static_cast<double>(response.max()),
       .limits = around(100 * ms, 0.1),
       .unit = "ns",
       .text = "nothing waits longer than a stall"});
  add({.name = "response mean",
       .value = response.mean(),
       .limits = around(5 * ms, 0.1),
       .unit = "ns",
       .text = "a tenth of the requests waits 50 ms on average"});
  const double offered = static_cast<double>(report.requests.offered);
  add({.name = "answered",
       .value = static_cast<double>(report.requests.answered),
       .limits = {.low = offered, .high = offered},
       .unit = "count",
       .text = "nothing is dropped"});
  add({.name = "service p95",
       .value = static_cast<double>(report.latency.service.all().value_at_percentile(95)),
       .limits = {.low = 1, .high = uncorrected_max},
       .unit = "ns",
       .text = "the uncorrected view hides the stalls (response p95: 50 ms)"});
  return group;
}

}  // namespace weir::tools::load
