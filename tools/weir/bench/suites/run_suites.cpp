#include "tools/weir/bench/suites/run_suites.h"

#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "tools/weir/bench/doctor/examine_noise.h"
#include "tools/weir/bench/rounds/precision.h"
#include "tools/weir/bench/rounds/run_case.h"
#include "tools/weir/bench/rounds/suite_means.h"
#include "tools/weir/bench/suites/programs.h"
#include "tools/weir/bench/suites/stream_suites.h"
#include "tools/weir/bench/suites/udp_suite.h"

namespace weir::tools::bench {
namespace {

using std::chrono::milliseconds;

RoundPlan plan_of(const Options& options) {
  RoundPlan plan = options.effort == Effort::quick
                       ? RoundPlan{.rounds = 8, .cell = milliseconds(150)}
                       : RoundPlan{.rounds = 24, .cell = milliseconds(500)};
  if (options.precision) plan.rounds = precise_rounds_max_default;
  plan.rounds = options.rounds.value_or(plan.rounds);
  plan.precision = options.precision;
  plan.cell = options.cell.value_or(plan.cell);
  plan.seed = options.seed;
  return plan;
}

std::vector<CaseSpec> cases_of(Suite suite, const Programs& programs, Effort effort) {
  switch (suite) {
    case Suite::echo:
      return echo_cases(programs, effort);
    case Suite::framing:
      return framing_cases(programs, effort);
    case Suite::stream:
      return stream_cases(programs, effort);
    case Suite::churn:
      return churn_cases(programs, effort);
    case Suite::udp:
      return udp_cases(programs, effort);
    case Suite::idle:
      return idle_cases(programs, effort);
    case Suite::shards:
      return shards_cases(programs, effort);
    case Suite::nagle:
      break;  // no suite of servers
  }
  return {};
}

/// One processor for both sides if there is no other.
CpuPair cpus_for_pinning() {
  CpuPair cpus = choose_cpu_pair();
  if (!cpus.is_apart()) cpus.server = cpus.client = std::max(::sched_getcpu(), 0);
  return cpus;
}

std::expected<void, std::string> become_realtime() {
  const sched_param lowest{.sched_priority = 1};
  if (::sched_setscheduler(0, SCHED_FIFO, &lowest) == 0) return {};
  return std::unexpected(fmt::format("--realtime: {}; it needs root", std::strerror(errno)));
}

/// The cases and contenders that the options ask for. What cannot be measured is added to
/// `left_out`.
std::vector<CaseSpec> selected_cases(const Options& options, const Programs& programs,
                                     std::vector<std::string>& left_out) {
  std::vector<CaseSpec> selected;
  for (const Suite suite : options.suites) {
    for (CaseSpec& spec : cases_of(suite, programs, options.effort)) {
      if (!options.selects(describe(spec))) continue;
      if (options.is_realtime && spec.wants_ordinary_priority) {
        left_out.push_back(describe(spec) +
                           ": it wants ordinary priority; run it without --realtime");
        continue;
      }
      std::erase_if(spec.contenders,
                    [&](const ContenderSpec& it) { return !options.admits(it.name); });
      if (!spec.contenders.empty()) selected.push_back(std::move(spec));
    }
  }
  return selected;
}

}  // namespace

std::string describe(const CaseSpec& spec) {
  return fmt::format("{} {}: {}", spec.suite, spec.name, spec.title);
}

std::expected<SuiteResult, std::string> run_suites(const Options& options,
                                                   const SuiteEvents& events) {
  const CpuPair cpus = cpus_for_pinning();
  const Programs programs(options.peers_directory, options.against, cpus);
  const RoundPlan plan = plan_of(options);
  SuiteResult result{.left_out = programs.left_out(),
                     .effort = options.effort,
                     .rounds = plan.rounds,
                     .precision = plan.precision,
                     .cell = plan.cell,
                     .cpus = cpus,
                     .is_realtime = options.is_realtime,
                     .machine = read_machine(SystemFiles()),
                     .before = {},
                     .after = {},
                     .noise = {}};
  result.machine.interfaces = read_network_interfaces();
  const std::vector<CaseSpec> cases = selected_cases(options, programs, result.left_out);
  if (cases.empty()) return result;
  if (std::string obstacle = programs.obstacle(); !obstacle.empty()) {
    return std::unexpected(std::move(obstacle));
  }
  result.noise = examine_noise(SystemFiles(), measure_noise());
  events.noise(result.noise);
  if (cpus.server == cpus.client) {
    result.left_out.emplace_back(
        "a processor for each side: there is only one, server and load disturb each other");
  }
  result.before = read_machine_moment(SystemFiles());
  pin_thread(cpus.client);  // keeps this process off the server's
  if (options.is_realtime) {
    if (auto done = become_realtime(); !done) return std::unexpected(done.error());
  }
  for (const CaseSpec& spec : cases) {
    result.cases.push_back(
        run_case(spec, plan, [&](unsigned round, unsigned rounds, std::string_view who) {
          events.cell(spec, round, rounds, who);
        }));
    result.cases.back().command = command_for_case(options, spec.suite, spec.name);
    events.done(result.cases.back());
  }
  result.after = read_machine_moment(SystemFiles());
  result.means = means_of(result.cases);
  return result;
}

}  // namespace weir::tools::bench
