// weir_gates: what a request costs in counts, on each backend. Prints JSON; no number in it is a
// time. tools/dev/gates.sh compares it with baseline.json. See README.md beside this file.
#include <iostream>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "bench/gates/build_text.h"
#include "bench/gates/child_process.h"
#include "bench/gates/ledger.h"
#include "bench/gates/scenario.h"
#include "weir/base/error.h"

namespace weir::gates {
namespace {

using Json = nlohmann::ordered_json;

/// Below this the library copies in line, which copy_counter.h does not see.
constexpr std::size_t request_bytes_seen_copied = 1024;

Json entry_of(const Scenario& scenario, const Balance& spent) {
  const std::uint64_t requests = counted_rounds * scenario.requests_per_round;
  Json entry{{"gate", scenario.name},
             {"requests", requests},
             {"bytes", requests * scenario.request_bytes},
             {"system_calls", spent.system_calls},
             {"completions", spent.completions},
             {"allocations", spent.allocations}};
  if (scenario.counts_segments) entry["segments"] = spent.segments;
  if (scenario.request_bytes >= request_bytes_seen_copied) {
    entry["copied_bytes"] = spent.copied_bytes;
  }
  return entry;
}

Json features_used(const BackendReport& report) {
  Json names = Json::array();
  if (report.backend != Backend::io_uring) return names;
  for (const BackendFeature& feature : report.features) {
    if (feature.state == FeatureState::used) names.push_back(feature.name);
  }
  return names;
}

/// In a child of this process. Whoever has used a ring is interrupted by the kernel when it clears
/// the ring away, which is some time after it was closed: one system call more, now and then.
Result<Balance> run_apart(const Scenario& scenario, Backend backend) {
  return in_child_process([&]() -> Result<Balance> { return run_scenario(scenario, backend); });
}

/// False if a scenario failed, as opposed to a backend that is not there.
bool measure(Backend backend, Json& backends) {
  Json& told = backends[std::string(to_string(backend))];
  const Result<BackendReport> report = probe(backend);
  if (!report) {
    told = {{"unavailable", report.error().message()}};
    return report.error() == Error::backend_unavailable;
  }
  Json gates = Json::array();
  for (const auto scenarios : {stream_scenarios(), datagram_scenarios()}) {
    for (const Scenario& scenario : scenarios) {
      const Result<Balance> spent = run_apart(scenario, backend);
      if (!spent) {
        std::cerr << "weir_gates: \"" << scenario.name << "\" on " << to_string(backend)
                  << " failed: " << spent.error().message() << '\n';
        return false;
      }
      gates.push_back(entry_of(scenario, *spent));
    }
  }
  told = {{"features", features_used(*report)}, {"gates", std::move(gates)}};
  return true;
}

}  // namespace
}  // namespace weir::gates

int main() {
  using namespace weir::gates;
  Json backends = Json::object();
  for (const weir::Backend backend : {weir::Backend::io_uring, weir::Backend::epoll}) {
    if (!measure(backend, backends)) return 1;
  }
  const Json report{{"schema", "weir.gates/1"}, {"build", build_text}, {"backends", backends}};
  std::cout << report.dump(2) << '\n';
  return 0;
}
