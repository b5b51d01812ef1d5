#include "tools/weir/load/jobs/trial.h"

#include <algorithm>

#include <fmt/format.h>

#include "tools/weir/common/duration.h"
#include "tools/weir/load/report/gate_lines.h"
#include "tools/weir/load/report/latency_table.h"
#include "tools/weir/load/report/load_words.h"
#include "tools/weir/load/screen/figure_text.h"

namespace weir::tools::load {
namespace {

constexpr std::size_t trial_rate_columns = 11;

/// Whatever these find makes answers later, never earlier: in an open loop a response time counts
/// from when its request was due.
bool only_adds_time(TrustRule rule) noexcept {
  return rule == TrustRule::send_lag || rule == TrustRule::generator_busy ||
         rule == TrustRule::steal || rule == TrustRule::pressure;
}

/// What makes it doubtful that the server failed, or that it held.
const TrustCheck* find_doubt(const LoadReport& report, bool has_failed) noexcept {
  const auto found =
      std::find_if(report.trust.begin(), report.trust.end(), [&](const TrustCheck& check) {
        const bool matters =
            has_failed ? check.rule != TrustRule::steady : !only_adds_time(check.rule);
        return !check.ok && check.weight == TrustWeight::veto && matters;
      });
  return found == report.trust.end() ? nullptr : &*found;
}

std::string first_error(const LoadReport& report) {
  for (const ErrorKind kind : error_kinds) {
    if (report.errors.count(kind) == 0) continue;
    return fmt::format("{} ({})", report.errors.example(kind), to_text(kind));
  }
  return "not one right answer";
}

bool allows_errors(const LoadReport& report) noexcept {
  return std::any_of(report.slo.begin(), report.slo.end(), [](const SloResult& result) {
    return result.term.metric == SloMetric::error_share && result.ok;
  });
}

/// Empty if all that was asked for was held.
std::string find_failure(const LoadReport& report) {
  if (verdict_of(report) == Verdict::nothing_succeeded) return first_error(report);
  for (const SloResult& result : report.slo) {
    if (result.ok) continue;
    return fmt::format("{}: {}", result.term.text, format_slo_value(result, TextStyle()));
  }
  if (is_saturated(report)) return fmt::format("saturated: {}", rate_words(report));
  if (report.aborted) return "--abort-on ended it";
  if (report.errors.total() > 0 && !allows_errors(report)) return first_error(report);
  return {};
}

}  // namespace

std::string_view to_text(TrialOutcome outcome) noexcept {
  switch (outcome) {
    case TrialOutcome::held:
      return "held";
    case TrialOutcome::failed:
      return "failed";
    case TrialOutcome::doubtful:
      return "doubtful";
  }
  return {};
}

Trial judge_trial(const LoadReport& report) {
  Trial trial{.rate = report.options.rate.value_or(0),
              .duration = report.options.duration,
              .verdict = verdict_of(report),
              .verdict_word = verdict_word(report),
              .answered_rate = rate_of(report),
              .answered = report.requests.answered,
              .error_share = error_share_of(report),
              .slo = report.slo,
              .reason = find_failure(report)};
  const CensoredHistogram& latency = report.latency.primary();
  trial.p50 = estimate_percentile(latency, 50, {});
  trial.p99 = estimate_percentile(latency, 99, {});
  const bool has_failed = !trial.reason.empty();
  const TrustCheck* const doubt = find_doubt(report, has_failed);
  // Silence is the server's, however busy this machine was.
  if (doubt != nullptr && trial.verdict != Verdict::nothing_succeeded) {
    trial.outcome = TrialOutcome::doubtful;
    trial.reason = doubt->text;
    trial.remedy = doubt->remedy;
  } else {
    trial.outcome = has_failed ? TrialOutcome::failed : TrialOutcome::held;
  }
  return trial;
}

std::string trial_line(const Trial& trial, TextStyle style) {
  std::string line =
      fmt::format("{:>{}}  {:>6}  {:<8}", rate_figure(trial.rate, trial_rate_columns),
                  trial_rate_columns, format_seconds(trial.duration), to_text(trial.outcome));
  if (trial.p50) line += "  p50 " + latency_cell(*trial.p50, style);
  if (trial.p99) line += "  p99 " + latency_cell(*trial.p99, style);
  if (!trial.reason.empty()) line += "  " + trial.reason;
  return line;
}

}  // namespace weir::tools::load
