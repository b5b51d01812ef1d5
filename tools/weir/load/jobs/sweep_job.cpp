#include "tools/weir/load/jobs/sweep_job.h"

#include <fmt/format.h>

#include "tools/weir/common/duration.h"
#include "tools/weir/load/jobs/job_output.h"
#include "tools/weir/load/jobs/sweep.h"
#include "tools/weir/load/jobs/sweep_report.h"
#include "tools/weir/load/jobs/trial.h"
#include "tools/weir/load/report/labelled_line.h"
#include "tools/weir/load/report/sweep_html.h"

namespace weir::tools::load {

ExitCode run_sweep(const JobOptions& job, const std::vector<std::string>& arguments) {
  JobOutput output(job.run);
  JobRuns runs(arguments);
  output.tell(fmt::format("weir load sweep  {}  {} of {} each, and their warm-up",
                          job.run.target.text, plural(job.rates.size(), "run"),
                          format_seconds(job.run.duration)));
  const auto result = sweep(job.run, job.rates, runs.runner(), [&output](const LoadReport& report) {
    output.tell(trial_line(judge_trial(report), output.progress_style()));
  });
  if (!result) {
    output.complain(result.error());
    return ExitCode::run_failed;
  }
  output.print(sweep_text(*result, output.result_style()));
  const OutputChoice& files = job.run.output;
  if (files.json_path) output.write("JSON", files.json_path, sweep_json(result->reports));
  if (files.csv_path) output.write("CSV", files.csv_path, sweep_csv(result->reports));
  if (files.html_path) output.write("HTML", files.html_path, sweep_html(result->reports));
  return output.exit_code(exit_code_of(*result));
}

}  // namespace weir::tools::load
