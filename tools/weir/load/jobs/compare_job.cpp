#include "tools/weir/load/jobs/compare_job.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/weir/load/jobs/compare.h"
#include "tools/weir/load/jobs/compare_report.h"
#include "tools/weir/load/jobs/job_output.h"

namespace weir::tools::load {

ExitCode run_compare(const JobOptions& job, const std::vector<std::string>& arguments) {
  const CompareOptions options{.run = job.run, .rounds = job.rounds};
  JobOutput output(job.run);
  if (job.rounds > compare_rounds_max) {
    output.complain(
        fmt::format("--rounds {} are too many (at most {})", job.rounds, compare_rounds_max));
    return ExitCode::bad_usage;
  }
  JobRuns runs(arguments);
  output.tell(compare_plan_text(options));
  const auto result =
      compare(options, runs.runner(),
              [&](std::uint32_t round, CompareMetric metric, const MetricRound& values) {
                output.tell(round_line(options, round, metric, values, output.progress_style()));
              });
  if (!result) {
    output.complain(result.error());
    return ExitCode::run_failed;
  }
  output.print(compare_text(options, *result, output.result_style()));
  Json json = compare_json(options, *result);
  runs.add_facts(json);
  output.write("JSON", job.run.output.json_path, json_text(json) + '\n');
  return output.exit_code(exit_code_of(options, *result));
}

}  // namespace weir::tools::load
