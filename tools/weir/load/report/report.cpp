#include "tools/weir/load/report/report.h"

#include <algorithm>

#include "tools/weir/common/duration.h"

namespace weir::tools::load {
namespace {

double share(std::uint64_t part, std::uint64_t whole) noexcept {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

std::uint64_t offered_of(const LoadReport& report) noexcept {
  return std::max(report.requests.offered, report.requests.sent);
}

bool has_failed_slo(const LoadReport& report) noexcept {
  return std::any_of(report.slo.begin(), report.slo.end(),
                     [](const SloResult& result) { return !result.ok; });
}

/// Who says how many errors are too many has said that fewer are none.
bool has_unallowed_errors(const LoadReport& report) noexcept {
  if (report.errors.total() == 0) return false;
  return std::none_of(report.slo.begin(), report.slo.end(), [](const SloResult& result) {
    return result.term.metric == SloMetric::error_share && result.ok;
  });
}

/// Requests that no connection was free for, of all that were due.
double unserved_share(const LoadReport& report) noexcept {
  const RequestCounts& requests = report.requests;
  return share(requests.dropped + requests.expired + requests.unsent, offered_of(report));
}

/// One way that is all that was not refused: nobody can know more.
std::uint64_t succeeded(const LoadReport& report) noexcept {
  const RequestCounts& requests = report.requests;
  if (report.options.answers != Answers::none) return requests.answered;
  return requests.sent - std::min(requests.sent, requests.failed);
}

bool was_stopped_early(const LoadReport& report) noexcept {
  return report.interrupted || report.aborted;
}

}  // namespace

bool is_untrusted(const LoadReport& report) noexcept {
  return std::any_of(report.trust.begin(), report.trust.end(), [](const TrustCheck& check) {
    return !check.ok && check.weight == TrustWeight::veto;
  });
}

bool is_saturated(const LoadReport& report) noexcept {
  if (report.datagrams || report.requests.offered == 0) return false;
  if (unserved_share(report) > 1 - saturated_below_share) return true;
  // Everything was sent in the end, but too late: what was due then waited longer than it was late.
  const double offered = offered_rate_of(report);
  const LatencySet& latency = report.latency;
  return offered > 0 && rate_of(report) < saturated_below_share * offered &&
         latency.connection_wait.mean() > latency.send_lag.mean();
}

Verdict verdict_of(const LoadReport& report) noexcept {
  if (succeeded(report) == 0) return Verdict::nothing_succeeded;
  if (report.aborted || has_unallowed_errors(report)) return Verdict::failed;
  if (is_untrusted(report)) return Verdict::untrusted;
  if (has_failed_slo(report)) return Verdict::slo_failed;
  if (is_saturated(report)) return Verdict::saturated;
  return report.datagrams && report.datagrams->counts.lost > 0 ? Verdict::lossy : Verdict::ok;
}

ExitCode exit_code_of(const LoadReport& report) noexcept {
  // Stopped before the first answer is not the server's failure, unless there was an error.
  if (report.interrupted && report.errors.total() == 0) return ExitCode::interrupted;
  const Verdict verdict = verdict_of(report);
  if (verdict == Verdict::nothing_succeeded) return ExitCode::nothing_succeeded;
  if (report.interrupted) return ExitCode::interrupted;
  if (report.aborted) return ExitCode::aborted;
  if (report.options.is_strict && is_untrusted(report)) return ExitCode::untrusted;
  if (has_failed_slo(report)) return ExitCode::slo_failed;
  return verdict == Verdict::failed ? ExitCode::run_failed : ExitCode::done;
}

std::string_view verdict_word(const LoadReport& report) noexcept {
  switch (verdict_of(report)) {
    case Verdict::ok:
      return "ok";
    case Verdict::lossy:
      return "lossy";
    case Verdict::saturated:
      return "saturated";
    case Verdict::untrusted:
      return "untrusted";
    case Verdict::slo_failed:
    case Verdict::failed:
    case Verdict::nothing_succeeded:
      break;
  }
  return "failed";
}

double rate_of(const LoadReport& report) noexcept {
  const double seconds = in_seconds(report.measured);
  return seconds > 0 ? static_cast<double>(report.requests.answered) / seconds : 0;
}

double offered_rate_of(const LoadReport& report) noexcept {
  if (!report.options.rate) return 0;
  const auto offered = static_cast<double>(offered_of(report));
  // With -n the schedule ends before --duration.
  if (report.options.requests_max && !was_stopped_early(report)) return *report.options.rate;
  const double seconds =
      in_seconds(was_stopped_early(report) ? report.measured : report.options.duration);
  return seconds > 0 ? offered / seconds : 0;
}

double error_share_of(const LoadReport& report) noexcept {
  const RequestCounts& requests = report.requests;
  if (report.datagrams) {
    return std::min(1.0, share(report.errors.total(), std::max<std::uint64_t>(requests.sent, 1)));
  }
  const std::uint64_t wrong = requests.dropped + requests.expired + requests.unsent +
                              requests.unoffered + requests.failed + requests.timed_out +
                              requests.pending;
  // Of nothing at all everything went wrong, if something did.
  if (offered_of(report) == 0) return report.errors.total() > 0 ? 1 : 0;
  return share(wrong, offered_of(report));
}

}  // namespace weir::tools::load
