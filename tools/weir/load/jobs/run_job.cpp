#include "tools/weir/load/jobs/run_job.h"

#include <cstdio>
#include <optional>

#include <fmt/format.h>

#include "tools/weir/load/engine/preflight.h"
#include "tools/weir/load/jobs/compare_job.h"
#include "tools/weir/load/jobs/demo_job.h"
#include "tools/weir/load/jobs/find_max_job.h"
#include "tools/weir/load/jobs/held_signals.h"
#include "tools/weir/load/jobs/report_job.h"
#include "tools/weir/load/jobs/selftest_job.h"
#include "tools/weir/load/jobs/single_run.h"
#include "tools/weir/load/jobs/sweep_job.h"

namespace weir::tools::load {
namespace {

/// What a job can't write; empty if all that is asked for can be.
std::string find_impossible_output(const JobOptions& job) {
  const OutputChoice& files = job.run.output;
  const bool has_many_runs =
      job.job == Job::find_max || job.job == Job::sweep || job.job == Job::compare;
  if (files.hlog_path && (has_many_runs || job.job == Job::report)) {
    return fmt::format("--hlog is for a single run: {} writes none", to_text(job.job));
  }
  if (job.job != Job::find_max && job.job != Job::compare) return {};
  if (!files.csv_path && !files.html_path) return {};
  return fmt::format("{} has its result as text, and as JSON (-o FILE); {} is for runs and sweeps",
                     to_text(job.job), files.csv_path ? "--csv" : "--html");
}

std::optional<std::string> find_problem(const JobOptions& job) {
  if (std::string problem = find_impossible_output(job); !problem.empty()) return problem;
  if (job.job == Job::report) return std::nullopt;
  return find_shortage(job.run, claim_room());
}

ExitCode refuse(const std::string& sentence) {
  fmt::print(stderr, "weir load: {}\n", sentence);
  return ExitCode::bad_usage;
}

}  // namespace

ExitCode run_job(const JobOptions& job, const std::vector<std::string>& arguments) {
  if (job.job == Job::run) return run_single(job.run, arguments);
  if (const auto problem = find_problem(job)) return refuse(*problem);
  const HeldSignals held;
  switch (job.job) {
    case Job::run:
      break;
    case Job::demo:
      return run_demo(job.run, arguments);
    case Job::find_max:
      return run_find_max(job, arguments);
    case Job::sweep:
      return run_sweep(job, arguments);
    case Job::compare:
      return run_compare(job, arguments);
    case Job::report:
      return run_report(job);
    case Job::selftest:
      return run_selftest(job);
  }
  return ExitCode::bad_usage;
}

}  // namespace weir::tools::load
