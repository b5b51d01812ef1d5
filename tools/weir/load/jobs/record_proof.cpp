#include "tools/weir/load/jobs/record_proof.h"

#include <algorithm>
#include <array>
#include <sstream>

#include "tools/weir/load/plan/gap_statistics.h"
#include "tools/weir/load/plan/schedule.h"
#include "tools/weir/load/stats/hlog_reader.h"

namespace weir::tools::load {
namespace {

constexpr double recorded_rate = 10'000;
constexpr std::uint64_t requests = 100'000;
constexpr double gap_tolerance = 0.02;

Schedule poisson(std::uint64_t seed, const SchedulePart& part = {}) {
  return {RateShape({.first = recorded_rate, .last = recorded_rate}, std::chrono::hours(1)),
          Arrival(), seed, part, ScheduleLimits{.requests = requests}};
}

}  // namespace

ProofGroup prove_schedule(std::uint64_t seed) {
  Schedule once = poisson(seed);
  Schedule again = poisson(seed);
  std::array parts = {poisson(seed, {.part = 0, .parts = 2}),
                      poisson(seed, {.part = 1, .parts = 2})};
  GapStatistics gaps;
  std::uint64_t different = 0;
  for (std::uint64_t i = 0; i < requests; ++i) {
    const auto due = once.next();
    if (!due || again.next() != due || parts[i % 2].next() != due) ++different;
    if (due) gaps.add_event(due->time);
  }
  ProofGroup group{.title = "100 000 requests of a Poisson schedule"};
  const ProofLimits near_one = {1 - gap_tolerance, 1 + gap_tolerance};
  group.proofs.push_back(judge({.name = "mean gap",
                                .value = gaps.mean() * recorded_rate / 1e9,
                                .limits = near_one,
                                .unit = "ratio",
                                .text = "of what the rate says"},
                               std::nullopt));
  group.proofs.push_back(judge({.name = "variation of gaps",
                                .value = gaps.variation(),
                                .limits = near_one,
                                .unit = "ratio",
                                .text = "1 is that of independent arrivals"},
                               std::nullopt));
  group.proofs.push_back(judge({.name = "due at other times",
                                .value = static_cast<double>(different),
                                .limits = {.low = 0, .high = 0},
                                .unit = "count",
                                .text = "the same seed is the same schedule, in two parts too"},
                               std::nullopt));
  return group;
}

ProofGroup prove_hlog(const ProofRun& run) {
  std::istringstream text(run.hlog);
  HlogReader reader(text);
  Histogram total;
  std::string fault;
  for (;;) {
    const auto interval = reader.next();
    if (!interval) fault = interval.error().to_string();
    if (!interval || !*interval) break;
    if ((*interval)->histogram.range() != total.range()) {
      fault = "a histogram of another range";
      break;
    }
    total.merge((*interval)->histogram);
  }
  const Histogram& response = run.report.latency.response.all();
  std::uint64_t different = fault.empty() ? 0 : response.count();
  for (std::size_t i = 0; fault.empty() && i < total.counts().size(); ++i) {
    if (total.counts()[i] != response.counts()[i]) ++different;
  }
  return {.title = "The .hlog of the run with 10 connections, read back",
          .proofs = {judge({.name = "counters that differ",
                            .value = static_cast<double>(different),
                            .limits = {.low = 0, .high = 0},
                            .unit = "count",
                            .text = fault.empty() ? "its seconds add up to the run: so every "
                                                    "percentile is the same"
                                                  : fault},
                           std::nullopt)}};
}

}  // namespace weir::tools::load
