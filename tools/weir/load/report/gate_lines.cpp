#include "tools/weir/load/report/gate_lines.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "tools/weir/common/byte_size.h"
#include "tools/weir/common/duration.h"
#include "tools/weir/common/wrap_text.h"
#include "tools/weir/load/report/labelled_line.h"

namespace weir::tools::load {
namespace {

constexpr std::size_t word_columns = 7;

/// The numbers that a reader asks for even where nothing is wrong.
constexpr std::array told_rules = {TrustRule::offered_rate, TrustRule::send_lag,
                                   TrustRule::generator_busy, TrustRule::steal};

std::string percent(double share) { return fmt::format("{:.3g} %", share * 100); }

std::string line(std::string_view word, const std::string& text, Emphasis emphasis,
                 TextStyle style) {
  const std::size_t indent = std::max(word.size() + 2, word_columns);
  const std::string gap(indent - word.size(), ' ');
  return fmt::format("{}{}{}\n", emphasize(word, emphasis, style), gap,
                     wrap_text(text, {.start = indent, .indent = indent}));
}

std::string explained(const TrustCheck& check) {
  return check.remedy.empty() ? check.text : fmt::format("{}; {}", check.text, check.remedy);
}

std::string trusted_line(const LoadReport& report, TextStyle style) {
  const auto passed = std::count_if(report.trust.begin(), report.trust.end(),
                                    [](const TrustCheck& check) { return check.ok; });
  std::string text = fmt::format("ok, {} of {} checks", passed, report.trust.size());
  for (const TrustCheck& check : report.trust) {
    if (std::find(told_rules.begin(), told_rules.end(), check.rule) == told_rules.end()) continue;
    text += fmt::format(", {} {}", trust_rule_name(check.rule),
                        format_measure(check.value, check.unit, style));
  }
  return line("TRUST", text, Emphasis::good, style);
}

}  // namespace

std::string format_measure(double value, std::string_view unit, TextStyle style) {
  if (unit == "ns") {
    return format_duration(std::chrono::nanoseconds(std::llround(std::clamp(value, 0.0, 1e18))),
                           style);
  }
  if (unit == "ratio") return percent(value);
  if (unit == "bytes") return format_byte_size(value);
  return format_rounded(value);
}

std::string format_slo_value(const SloResult& result, TextStyle style) {
  std::string text;
  switch (result.term.metric) {
    case SloMetric::percentile:
    case SloMetric::max:
    case SloMetric::mean:
      text = format_measure(result.value, "ns", style);
      break;
    case SloMetric::error_share:
    case SloMetric::loss_share:
      text = percent(result.value);
      break;
    case SloMetric::rate:
      text = format_rounded(result.value) + "/s";
      break;
  }
  if (result.is_lower_bound) text = fmt::format("{} {}", style.utf8 ? "≥" : ">=", text);
  return result.is_sparse ? fmt::format("({})", text) : text;
}

std::string trust_rule_name(TrustRule rule) {
  std::string name(to_text(rule));
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

std::string trust_lines(const LoadReport& report, TextStyle style) {
  if (report.trust.empty()) return {};
  std::string vetoes;
  std::string notes;
  for (const TrustCheck& check : report.trust) {
    if (check.ok) continue;
    if (check.weight == TrustWeight::veto) {
      vetoes += line("UNTRUSTED:", explained(check), Emphasis::bad, style);
    } else {
      notes += line("NOTE", explained(check), Emphasis::doubtful, style);
    }
  }
  return (vetoes.empty() ? trusted_line(report, style) : vetoes) + notes;
}

std::string slo_lines(const LoadReport& report, TextStyle style) {
  std::string out;
  for (const SloResult& result : report.slo) {
    out += line("SLO",
                fmt::format("{}  {}: {}",
                            emphasize(result.ok ? "pass" : "FAIL",
                                      result.ok ? Emphasis::good : Emphasis::bad, style),
                            result.term.text, format_slo_value(result, style)),
                Emphasis::strong, style);
  }
  return out;
}

}  // namespace weir::tools::load
