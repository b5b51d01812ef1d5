#include "tools/weir/load/report.h"

namespace weir::tools::load {

Verdict verdict_of(const LoadReport& report) noexcept {
  if (report.answered == 0) return Verdict::nothing_succeeded;
  return report.errors.total() == 0 ? Verdict::ok : Verdict::failed;
}

ExitCode exit_code_of(const LoadReport& report) noexcept {
  // Stopped before the first answer is not the server's failure, unless there was one.
  if (report.interrupted && report.errors.total() == 0) return ExitCode::interrupted;
  switch (verdict_of(report)) {
    case Verdict::ok:
      return ExitCode::done;
    case Verdict::failed:
      return report.interrupted ? ExitCode::interrupted : ExitCode::run_failed;
    case Verdict::nothing_succeeded:
      return ExitCode::nothing_succeeded;
  }
  return ExitCode::run_failed;
}

double rate_of(const LoadReport& report) noexcept {
  const double seconds = std::chrono::duration<double>(report.measured).count();
  return seconds > 0 ? static_cast<double>(report.answered) / seconds : 0;
}

}  // namespace weir::tools::load
