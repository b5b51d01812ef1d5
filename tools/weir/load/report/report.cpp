#include "tools/weir/load/report/report.h"

namespace weir::tools::load {

Verdict verdict_of(const LoadReport& report) noexcept {
  const bool is_one_way = report.options.answers == Answers::none;
  if ((is_one_way ? report.requests.sent : report.requests.answered) == 0)
    return Verdict::nothing_succeeded;
  if (report.errors.total() > 0) return Verdict::failed;
  return report.datagrams && report.datagrams->counts.lost > 0 ? Verdict::lossy : Verdict::ok;
}

ExitCode exit_code_of(const LoadReport& report) noexcept {
  // Stopped before the first answer is not the server's failure, unless there was one.
  if (report.interrupted && report.errors.total() == 0) return ExitCode::interrupted;
  switch (verdict_of(report)) {
    case Verdict::ok:
    case Verdict::lossy:
      return ExitCode::done;
    case Verdict::failed:
      return report.interrupted ? ExitCode::interrupted : ExitCode::run_failed;
    case Verdict::nothing_succeeded:
      return ExitCode::nothing_succeeded;
  }
  return ExitCode::run_failed;
}

std::string_view verdict_word(const LoadReport& report) noexcept {
  switch (verdict_of(report)) {
    case Verdict::ok:
      return "ok";
    case Verdict::lossy:
      return "lossy";
    case Verdict::failed:
    case Verdict::nothing_succeeded:
      break;
  }
  return "failed";
}

double rate_of(const LoadReport& report) noexcept {
  const double seconds = std::chrono::duration<double>(report.measured).count();
  return seconds > 0 ? static_cast<double>(report.requests.answered) / seconds : 0;
}

}  // namespace weir::tools::load
