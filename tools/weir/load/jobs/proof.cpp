#include "tools/weir/load/jobs/proof.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tools/weir/load/report/labelled_line.h"

namespace weir::tools::load {
namespace {

/// A disturbance that takes more of the time than this moves a p99.
constexpr double disturbed_share_max = 0.01;

std::optional<Excuse> find_excuse_of_machine(const LoadReport& report) {
  if (!report.is_optimized) {
    return Excuse{"this program is not a release build",
                  "cmake --preset release && cmake --build build/release"};
  }
  if (report.machine.cpus_allowed < 2) {
    return Excuse{"generator and server share the one processor there is",
                  "a machine with two or more"};
  }
  const HostUse& host = report.host;
  if (host.steal_share.value_or(0) > disturbed_share_max) {
    return Excuse{fmt::format("the hypervisor took {:.1f} % of the processors' time",
                              100 * *host.steal_share),
                  "again when `vmstat 1` shows no steal (st)"};
  }
  if (host.cpu_pressure_share.value_or(0) > disturbed_share_max) {
    return Excuse{fmt::format("in {:.1f} % of the time something waited for a processor",
                              100 * *host.cpu_pressure_share),
                  "again when nothing else runs (`top` shows what does)"};
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_text(ProofOutcome outcome) noexcept {
  switch (outcome) {
    case ProofOutcome::passed:
      return "passed";
    case ProofOutcome::failed:
      return "failed";
    case ProofOutcome::inconclusive:
      return "inconclusive";
    case ProofOutcome::information:
      return "information";
  }
  return {};
}

std::optional<Excuse> find_excuse(const LoadReport& report, ExcusedBy by) {
  if (auto excuse = find_excuse_of_machine(report)) return excuse;
  if (by == ExcusedBy::machine) return std::nullopt;
  const auto veto = std::find_if(
      report.trust.begin(), report.trust.end(),
      [](const TrustCheck& check) { return !check.ok && check.weight == TrustWeight::veto; });
  if (veto == report.trust.end()) return std::nullopt;
  return Excuse{veto->text, veto->remedy};
}

Proof judge(Proof proof, const std::optional<Excuse>& excuse) {
  const bool is_above = proof.value > proof.limits.high;
  // The other way round a value that is no number would pass.
  if (proof.value >= proof.limits.low && proof.value <= proof.limits.high) {
    proof.outcome = ProofOutcome::passed;
  } else if (is_above && excuse) {
    proof.outcome = ProofOutcome::inconclusive;
    proof.text = excuse->reason;
    proof.remedy = excuse->remedy;
  } else {
    proof.outcome = ProofOutcome::failed;
    proof.remedy =
        is_above ? "again on an idle machine; if it fails there too, it is a fault of weir's to "
                   "report"
                 : "nothing a machine does explains that: it is a fault of weir's to report";
  }
  return proof;
}

std::string proof_figure(double value, std::string_view unit) {
  if (unit == "ratio") return fmt::format("{:.4f}", value);
  if (unit == "count") return format_rounded(value);
  if (unit == "1/s") return format_rounded(value) + "/s";
  const double size = std::abs(value);
  if (size < 1e3) return fmt::format("{:.0f} ns", value);
  if (size < 1e6) return fmt::format("{:.4g} us", value / 1e3);
  return fmt::format("{:.4g} ms", value / 1e6);
}

}  // namespace weir::tools::load
