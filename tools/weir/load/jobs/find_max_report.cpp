#include "tools/weir/load/jobs/find_max_report.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/weir/common/duration.h"
#include "tools/weir/load/report/judgement_json.h"
#include "tools/weir/load/report/labelled_line.h"
#include "tools/weir/load/report/latency_table.h"
#include "tools/weir/load/screen/figure_text.h"

namespace weir::tools::load {
namespace {

constexpr std::size_t max_label_columns = 9;
constexpr std::size_t rate_columns = 14;
/// Where a server is to be used: below the knee, however exactly that is known.
constexpr double safe_share = 0.8;

std::string rate_text(double rate) { return rate_figure(rate, rate_columns); }

/// As --rate takes it.
std::string rate_flag(double rate) {
  return rate < 10 ? fmt::format("{:.3g}", rate) : fmt::format("{:.0f}", rate);
}

std::string max_line(std::string_view label, const std::string& text) {
  return labelled(label, text, max_label_columns);
}

std::string goals_of(const FindMaxOptions& options) {
  std::string text;
  for (const SloTerm& term : options.run.slo) text += (text.empty() ? "" : ",") + term.text;
  return text;
}

std::string minutes(std::chrono::nanoseconds time) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(time).count();
  return seconds < 120 ? fmt::format("{} s", seconds) : fmt::format("{} min", (seconds + 30) / 60);
}

std::string headline(const FindMaxOptions& options, const FindMaxResult& result) {
  const std::string goals = goals_of(options);
  if (result.end == FindMaxEnd::nothing_succeeded) return "no answer at all";
  if (!result.lower && !result.upper) return "unknown: it was stopped too early";
  if (!result.lower) {
    const std::string below = rate_text(*result.upper);
    return result.is_generator_limit
               ? fmt::format("unknown: not even {} could be offered in a way to be trusted", below)
               : fmt::format("below {}: it did not keep {}", below, goals);
  }
  const std::string lower = rate_text(*result.lower);
  if (!result.upper) return fmt::format("at least {} with {}", lower, goals);
  if (result.is_generator_limit) {
    return fmt::format(
        "at least {} with {}; above that this generator is the limit, not the server", lower,
        goals);
  }
  return fmt::format("{} with {} (it fails at {}, {:.1f} % more)", lower, goals,
                     rate_text(*result.upper), 100 * (*result.upper / *result.lower - 1));
}

const Trial* last_at(const FindMaxResult& result, std::optional<double> rate, bool is_held) {
  if (!rate) return nullptr;
  const auto found =
      std::find_if(result.trials.rbegin(), result.trials.rend(), [&](const Trial& trial) {
        return trial.rate == *rate && (trial.outcome == TrialOutcome::held) == is_held;
      });
  return found == result.trials.rend() ? nullptr : &*found;
}

std::string held_line(const Trial& trial, TextStyle style) {
  std::string text = fmt::format("{} for {}: {} answered", rate_text(trial.rate),
                                 format_seconds(trial.duration), rate_text(trial.answered_rate));
  if (trial.p50) text += ", p50 " + latency_cell(*trial.p50, style);
  if (trial.p99) text += ", p99 " + latency_cell(*trial.p99, style);
  return max_line("  held", text);
}

std::string next_line(const FindMaxOptions& options, const FindMaxResult& result) {
  const std::string& target = options.run.target.text;
  if (result.end == FindMaxEnd::nothing_succeeded) return max_line("Next", "weir load demo");
  if (result.end == FindMaxEnd::range_held) {
    return max_line("Next", fmt::format("the same with --range {}..{}", rate_flag(*result.lower),
                                        rate_flag(10 * *result.lower)));
  }
  if (result.end == FindMaxEnd::range_failed && !result.is_generator_limit) {
    return max_line("Next", fmt::format("the same with --range {}..{}, or other goals",
                                        rate_flag(*result.upper / 100), rate_flag(*result.upper)));
  }
  if (!result.lower) return {};
  return max_line("Next", fmt::format("weir load {} --rate {} -d 60s", target,
                                      rate_flag(safe_share * *result.lower)));
}

std::string_view end_word(FindMaxEnd end) noexcept {
  switch (end) {
    case FindMaxEnd::bracketed:
      return "bracketed";
    case FindMaxEnd::range_held:
      return "range_held";
    case FindMaxEnd::range_failed:
      return "range_failed";
    case FindMaxEnd::not_narrowed:
      return "not_narrowed";
    case FindMaxEnd::nothing_succeeded:
      return "nothing_succeeded";
    case FindMaxEnd::interrupted:
      return "interrupted";
  }
  return {};
}

Json or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

Json latency_value(const std::optional<PercentileEstimate>& known) {
  if (!known) return {};
  return {{"ns", known->value.value},
          {"is_lower_bound", known->value.is_lower_bound},
          {"is_sparse", known->is_sparse()}};
}

Json trial_json(const Trial& trial) {
  return {{"rate", trial.rate},
          {"dur_s", std::chrono::duration<double>(trial.duration).count()},
          {"outcome", to_text(trial.outcome)},
          {"verdict", trial.verdict_word},
          {"answered_rate", trial.answered_rate},
          {"error_share", trial.error_share},
          {"p50", latency_value(trial.p50)},
          {"p99", latency_value(trial.p99)},
          {"slo", slo_json(trial.slo)},
          {"reason", trial.reason},
          {"remedy", trial.remedy}};
}

}  // namespace

std::string find_max_plan_text(const FindMaxOptions& options) {
  const FindMaxPlan plan = plan_find_max(options);
  return fmt::format(
      "weir load find-max  {}  {}..{}/s  {}\n"
      "takes about {}, at most {}; trials of {} to look, of {} to decide",
      options.run.target.text, rate_flag(options.range.first), rate_flag(options.range.last),
      goals_of(options), minutes(plan.expected), minutes(plan.longest),
      format_seconds(std::min(options.short_trial, options.run.duration)),
      format_seconds(options.run.duration));
}

std::string find_max_text(const FindMaxOptions& options, const FindMaxResult& result,
                          TextStyle style) {
  std::string out = max_line("MAX", headline(options, result));
  if (const Trial* const held = last_at(result, result.lower, /*is_held=*/true)) {
    out += held_line(*held, style);
  }
  if (const Trial* const failed = last_at(result, result.upper, /*is_held=*/false)) {
    out += max_line(result.is_generator_limit ? "  doubt" : "  failed",
                    fmt::format("{} for {}: {}", rate_text(failed->rate),
                                format_seconds(failed->duration), failed->reason));
    // A remedy is a clause that says "try", as this line does.
    constexpr std::string_view word = "try ";
    const std::size_t said = failed->remedy.starts_with(word) ? word.size() : 0;
    if (!failed->remedy.empty()) out += max_line("  try", failed->remedy.substr(said));
  }
  if (result.end == FindMaxEnd::nothing_succeeded && !result.trials.empty()) {
    out += max_line("  failed", result.trials.back().reason);
  }
  if (result.end == FindMaxEnd::not_narrowed) {
    out += max_line("  NOTE",
                    "the bounds kept moving: the server, or this machine, is not steady "
                    "enough for a closer answer; longer trials (-d) may be");
  }
  if (result.end == FindMaxEnd::interrupted) {
    out += max_line("  NOTE", "interrupted: the bounds are those of the trials until then");
  }
  out += max_line("  trials", fmt::format("{}", result.trials.size()));
  return out + next_line(options, result);
}

Json find_max_json(const FindMaxOptions& options, const FindMaxResult& result) {
  Json trials = Json::array();
  for (const Trial& trial : result.trials) trials.push_back(trial_json(trial));
  Json goals = Json::array();
  for (const SloTerm& term : options.run.slo) goals.push_back(term.text);
  return {{"schema", "weir.load.find-max/1"},
          {"end", end_word(result.end)},
          {"exit_code", to_int(exit_code_of(result))},
          {"lower", or_null(result.lower)},
          {"upper", or_null(result.upper)},
          {"width", options.width},
          {"is_generator_limit", result.is_generator_limit},
          {"limit_reason", result.limit_reason},
          {"remedy", result.remedy},
          {"slo", goals},
          {"range", {options.range.first, options.range.last}},
          {"trials", trials}};
}

ExitCode exit_code_of(const FindMaxResult& result) noexcept {
  if (result.end == FindMaxEnd::interrupted) return ExitCode::interrupted;
  if (result.end == FindMaxEnd::nothing_succeeded) return ExitCode::nothing_succeeded;
  if (result.lower) return ExitCode::done;
  return result.is_generator_limit ? ExitCode::untrusted : ExitCode::slo_failed;
}

}  // namespace weir::tools::load
