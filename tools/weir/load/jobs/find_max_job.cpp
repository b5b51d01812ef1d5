#include "tools/weir/load/jobs/find_max_job.h"

#include <nlohmann/json.hpp>

#include "tools/weir/load/jobs/find_max.h"
#include "tools/weir/load/jobs/find_max_report.h"
#include "tools/weir/load/jobs/job_output.h"

namespace weir::tools::load {

ExitCode run_find_max(const JobOptions& job, const std::vector<std::string>& arguments) {
  const FindMaxOptions options{.run = job.run, .range = job.range};
  JobOutput output(job.run);
  JobRuns runs(arguments);
  output.tell(find_max_plan_text(options));
  const auto result = find_max(options, runs.runner(), [&output](const Trial& trial) {
    output.tell(trial_line(trial, output.progress_style()));
  });
  if (!result) {
    output.complain(result.error());
    return ExitCode::run_failed;
  }
  output.print(find_max_text(options, *result, output.result_style()));
  Json json = find_max_json(options, *result);
  runs.add_facts(json);
  output.write("JSON", job.run.output.json_path, json_text(json) + '\n');
  return output.exit_code(exit_code_of(*result));
}

}  // namespace weir::tools::load
