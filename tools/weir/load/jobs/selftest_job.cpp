#include "tools/weir/load/jobs/selftest_job.h"

#include <signal.h>

#include <nlohmann/json.hpp>

#include "tools/weir/load/jobs/job_output.h"
#include "tools/weir/load/jobs/selftest.h"
#include "tools/weir/load/jobs/selftest_report.h"

namespace weir::tools::load {
namespace {

volatile sig_atomic_t is_asked_to_end = 0;  // NOLINT: what a signal handler may write

/// Between runs nobody else listens for Ctrl-C, and a server must not outlive us.
void listen_for_signals() {
  struct sigaction action{};
  action.sa_handler = [](int) { is_asked_to_end = 1; };
  (void)::sigaction(SIGINT, &action, nullptr);
  (void)::sigaction(SIGTERM, &action, nullptr);
}

}  // namespace

ExitCode run_selftest(const JobOptions& job) {
  listen_for_signals();
  JobOutput output(job.run);
  output.tell("weir load selftest  servers on loopback, less than a minute");
  const auto begin = std::chrono::steady_clock::now();
  const auto elapsed = [begin]() -> std::chrono::nanoseconds {
    return std::chrono::steady_clock::now() - begin;
  };
  const SelftestTools tools{.run =
                                [](const ProofLoad& load) {
                                  auto run = run_proof(load);
                                  if (run && is_asked_to_end != 0) run->report.interrupted = true;
                                  return run;
                                },
                            .elapsed = elapsed,
                            .told = [&output](const std::string& what) { output.tell(what); }};
  const auto result = selftest(job.run, tools);
  if (!result) {
    output.complain(result.error());
    return is_asked_to_end != 0 ? ExitCode::interrupted : ExitCode::run_failed;
  }
  output.print(selftest_text(*result, elapsed(), output.result_style()));
  output.write("JSON", job.run.output.json_path,
               json_text(selftest_json(*result, job.run.is_strict, elapsed())) + '\n');
  return output.exit_code(exit_code_of(*result, job.run.is_strict));
}

}  // namespace weir::tools::load
