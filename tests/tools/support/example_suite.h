// A made-up result of a suite: weir beside a raw loop and a library, in eight rounds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/weir/bench/rounds/compare_contenders.h"
#include "tools/weir/bench/rounds/suite_means.h"
#include "tools/weir/bench/rounds/suite_result.h"

namespace weir::tools::bench {

/// 2000 requests from 10 us to 30 us, times `factor`.
inline CellLatency example_latency(double factor) {
  CellLatency latency;
  for (int i = 1; i <= 2000; ++i) {
    latency.samples.record(static_cast<std::uint64_t>(factor * (10'000 + 10 * i)));
  }
  return latency;
}

/// A contender whose processor time is `factor` times that of the round.
inline ContenderResult example_contender(const std::string& name, Role role,
                                         const std::string& backend, double factor) {
  ContenderResult result{.spec = {.name = name,
                                  .role = role,
                                  .backend = backend,
                                  .command = {"/bin/" + name, "echo", "--port", "0"}}};
  for (const double round : {100.0, 140.0, 90.0, 120.0, 104.0, 133.0, 95.0, 125.0}) {
    // A little of its own in each round, so that intervals have a width.
    const auto step = (static_cast<std::size_t>(round) * 7 + name.size()) % 3;
    const double own = 0.99 + 0.01 * static_cast<double>(step);
    result.samples.add(SuiteMetric::cpu, round * factor * own);
    result.samples.add(SuiteMetric::rate, 1e9 / (round * factor * own));
  }
  result.calls = 0.5 * factor;
  result.latency = example_latency(factor);
  return result;
}

/// weir at `weir_factor` of the raw loops, a library at 1.5.
inline CaseResult example_case(double weir_factor) {
  CaseResult result{.spec = {.suite = "echo",
                             .name = "64B-c64-d1",
                             .title = "64 B, 64 connections, depth 1",
                             .unit = "request",
                             .compared = {{.metric = SuiteMetric::cpu,
                                           .targets = {.default_over_raw = 1.03,
                                                       .own_over_raw = 1.05,
                                                       .over_library = 1.0,
                                                       .mean_over_library = 1 / 1.15}},
                                          {.metric = SuiteMetric::rate, .targets = {}}}},
                    .rounds = 8};
  result.contenders = {
      example_contender("weir_uring", Role::weir, "io_uring", weir_factor),
      example_contender("weir_epoll", Role::weir, "epoll", weir_factor * 1.02),
      example_contender("weir_uring_again", Role::again, "io_uring", weir_factor),
      example_contender("raw_epoll", Role::raw, "epoll", 1.1),
      example_contender("raw_uring", Role::raw, "io_uring", 1.0),
      example_contender("uv", Role::library, "", 1.5),
  };
  compare_contenders(result);
  return result;
}

/// Makes the program's other name differ from it, up and down in turn: noise.
inline void spread_again(CaseResult& result, double spread) {
  for (ContenderResult& contender : result.contenders) {
    if (contender.spec.role != Role::again) continue;
    Samples spread_out;
    for (const double value : contender.samples.of(SuiteMetric::cpu)) {
      spread_out.add(SuiteMetric::cpu, value * (1 + spread));
      spread = -spread;
    }
    contender.samples = spread_out;
  }
}

inline SuiteResult example_suite(double weir_factor = 1.0) {
  SuiteResult result{
      .cases = {example_case(weir_factor)},
      .left_out = {"evt: it was not built; it wants the Debian package libevent-dev"},
      .effort = Effort::quick,
      .rounds = 8,
      .cell = std::chrono::milliseconds(150),
      .cpus = {.server = 0, .client = 1},
      .before = {.load_average = "0.10 0.10 0.10 1/99 1", .stolen_ticks = 100},
      .after = {.load_average = "3.10 1.00 0.50 1/99 2", .stolen_ticks = 100},
      .noise = {{.name = "load",
                 .value = "3.10",
                 .verdict = doctor::Verdict::will_hurt,
                 .reason = "others wanted to run"}}};
  result.machine.interfaces = {{.name = "lo",
                                .mtu = 65'536,
                                .offloads = {{.name = "tso", .state = OffloadState::on},
                                             {.name = "gro", .state = OffloadState::off}}}};
  result.means = means_of(result.cases);
  return result;
}

}  // namespace weir::tools::bench
