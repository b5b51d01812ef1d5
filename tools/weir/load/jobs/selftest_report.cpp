#include "tools/weir/load/jobs/selftest_report.h"

#include <cmath>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/weir/common/duration.h"
#include "tools/weir/common/wrap_text.h"
#include "tools/weir/load/report/config_json.h"

namespace weir::tools::load {
namespace {

constexpr std::size_t word_columns = 12;
constexpr std::size_t proof_indent = 16;

struct Counts {
  std::size_t all = 0;
  std::size_t passed = 0;
  std::size_t failed = 0;
  std::size_t inconclusive = 0;
};

Counts count(const SelftestResult& result) {
  Counts counts;
  for (const ProofGroup& group : result.groups) {
    for (const Proof& proof : group.proofs) {
      if (proof.outcome == ProofOutcome::information) continue;
      ++counts.all;
      if (proof.outcome == ProofOutcome::passed) ++counts.passed;
      if (proof.outcome == ProofOutcome::failed) ++counts.failed;
      if (proof.outcome == ProofOutcome::inconclusive) ++counts.inconclusive;
    }
  }
  return counts;
}

std::string limits_text(const Proof& proof) {
  const auto& [low, high] = proof.limits;
  const auto figure = [&proof](double value) { return proof_figure(value, proof.unit); };
  if (std::isinf(high)) return std::isinf(low) ? "" : "at least " + figure(low);
  if (low == high) return figure(high);
  if (low <= 1 && proof.unit == "ns") return "at most " + figure(high);
  return figure(low) + " to " + figure(high);
}

std::string outcome_word(ProofOutcome outcome, TextStyle style) {
  const auto padded = [style](std::string_view word, Emphasis emphasis) {
    return emphasize(fmt::format("{:<{}}", word, word_columns), emphasis, style);
  };
  switch (outcome) {
    case ProofOutcome::passed:
      return padded("PASS", Emphasis::good);
    case ProofOutcome::failed:
      return padded("FAIL", Emphasis::bad);
    case ProofOutcome::inconclusive:
      return padded("INCONCLUSIVE", Emphasis::doubtful);
    case ProofOutcome::information:
      break;
  }
  return padded("", Emphasis::faint);
}

std::string below(const std::string& text) {
  return std::string(proof_indent, ' ') +
         wrap_text(text, {.start = proof_indent, .indent = proof_indent}) + '\n';
}

std::string row(const Proof& proof, TextStyle style) {
  std::string out = fmt::format("  {}  {:<21}{:>12}", outcome_word(proof.outcome, style),
                                proof.name, proof_figure(proof.value, proof.unit));
  if (const std::string limits = limits_text(proof); !limits.empty()) out += "   " + limits;
  out += '\n';
  if (proof.outcome == ProofOutcome::passed) return out;
  out += below(proof.text);
  if (!proof.remedy.empty()) out += below("try " + proof.remedy);
  return out;
}

std::string verdict_text(const SelftestResult& result, std::chrono::nanoseconds took,
                         TextStyle style) {
  const Counts counts = count(result);
  const std::string share =
      fmt::format("{} of {} in {}", counts.passed, counts.all, format_seconds(took));
  switch (verdict_of(result)) {
    case SelftestVerdict::passed:
      return emphasize("PASSED", Emphasis::good, style) + "  " + share;
    case SelftestVerdict::failed:
      return emphasize("FAILED", Emphasis::bad, style) +
             fmt::format("  {}: do not believe this generator here", share);
    case SelftestVerdict::inconclusive:
      return emphasize("INCONCLUSIVE", Emphasis::doubtful, style) +
             fmt::format("  {}, none failed: this machine was too busy", share);
    case SelftestVerdict::interrupted:
      break;
  }
  return emphasize("INTERRUPTED", Emphasis::doubtful, style) + "  " + share;
}

Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json proof_json(const ProofGroup& group, const Proof& proof) {
  return {
      {"group", group.title},
      {"name", proof.name},
      {"outcome", to_text(proof.outcome)},
      {"ok", proof.outcome == ProofOutcome::passed || proof.outcome == ProofOutcome::information},
      {"value", number_or_null(proof.value)},
      {"low", number_or_null(proof.limits.low)},
      {"high", number_or_null(proof.limits.high)},
      {"unit", proof.unit},
      {"text", proof.text},
      {"remedy", proof.remedy},
      {"tries", group.tries}};
}

}  // namespace

std::string selftest_text(const SelftestResult& result, std::chrono::nanoseconds took,
                          TextStyle style) {
  std::string out;
  for (const ProofGroup& group : result.groups) {
    out += emphasize(group.title, Emphasis::strong, style);
    if (group.tries > 1) out += " (second try)";
    out += '\n';
    for (const Proof& proof : group.proofs) out += row(proof, style);
    out += '\n';
  }
  return out + verdict_text(result, took, style) + '\n';
}

Json selftest_json(const SelftestResult& result, bool is_strict, std::chrono::nanoseconds took) {
  Json proofs = Json::array();
  for (const ProofGroup& group : result.groups) {
    for (const Proof& proof : group.proofs) proofs.push_back(proof_json(group, proof));
  }
  return {{"schema", "weir.load.selftest/1"},
          {"verdict", to_text(verdict_of(result))},
          {"exit_code", to_int(exit_code_of(result, is_strict))},
          {"took_s", std::chrono::duration<double>(took).count()},
          {"proofs", proofs},
          {"env", environment_json(result.last)}};
}

ExitCode exit_code_of(const SelftestResult& result, bool is_strict) noexcept {
  switch (verdict_of(result)) {
    case SelftestVerdict::passed:
      return ExitCode::done;
    case SelftestVerdict::inconclusive:
      return is_strict ? ExitCode::untrusted : ExitCode::done;
    case SelftestVerdict::failed:
      return ExitCode::untrusted;
    case SelftestVerdict::interrupted:
      return ExitCode::interrupted;
  }
  return ExitCode::run_failed;
}

}  // namespace weir::tools::load
