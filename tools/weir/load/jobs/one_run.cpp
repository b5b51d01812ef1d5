#include "tools/weir/load/jobs/one_run.h"

#include <utility>

namespace weir::tools::load {

std::expected<LoadReport, std::string> run_once(const Options& options, const RunSinks& sinks,
                                                const std::vector<std::string>& arguments) {
  auto report = measure(options, sinks);
  if (!report) return report;
  report->arguments = arguments;
  report->trust = check_trust(*report);
  report->slo = judge_slo(options.slo, *report);
  return report;
}

}  // namespace weir::tools::load
