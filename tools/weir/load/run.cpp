#include "tools/weir/load/run.h"

#include "tools/weir/load/jobs/run_job.h"

namespace weir::tools::load {

ExitCode run(const JobOptions& job, const std::vector<std::string>& arguments) {
  return run_job(job, arguments);
}

}  // namespace weir::tools::load
