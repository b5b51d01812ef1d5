#include "tools/weir/load/jobs/selftest_job.h"

#include <nlohmann/json.hpp>

#include "tools/weir/load/jobs/job_output.h"
#include "tools/weir/load/jobs/selftest.h"
#include "tools/weir/load/jobs/selftest_report.h"

namespace weir::tools::load {

ExitCode run_selftest(const JobOptions& job) {
  JobOutput output(job.run);
  output.tell("weir load selftest  servers on loopback, less than a minute");
  const auto begin = std::chrono::steady_clock::now();
  const auto elapsed = [begin]() -> std::chrono::nanoseconds {
    return std::chrono::steady_clock::now() - begin;
  };
  const SelftestTools tools{.run = run_proof,
                            .elapsed = elapsed,
                            .told = [&output](const std::string& what) { output.tell(what); }};
  const auto result = selftest(job.run, tools);
  if (!result) {
    output.complain(result.error());
    return ExitCode::run_failed;
  }
  output.print(selftest_text(*result, elapsed(), output.result_style()));
  output.write("JSON", job.run.output.json_path,
               json_text(selftest_json(*result, job.run.is_strict, elapsed())) + '\n');
  return output.exit_code(exit_code_of(*result, job.run.is_strict));
}

}  // namespace weir::tools::load
