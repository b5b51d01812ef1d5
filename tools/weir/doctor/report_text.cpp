#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "tools/weir/common/wrap_text.h"
#include "tools/weir/doctor/entry_text.h"
#include "tools/weir/doctor/report.h"

namespace weir::tools::doctor {
namespace {

Emphasis emphasis_of(FeatureState state) noexcept {
  switch (state) {
    case FeatureState::used:
      return Emphasis::good;
    case FeatureState::failed_self_test:
      return Emphasis::bad;
    case FeatureState::unavailable:
    case FeatureState::disabled:
      return Emphasis::doubtful;
    case FeatureState::unused:
      return Emphasis::faint;
  }
  return Emphasis::faint;
}

/// What a report and a refusal have in common.
template <typename Decision>
std::string print_decision(const Decision& decision, TextStyle style) {
  std::string out;
  for (const std::string& text : {decision.reason, decision.remedy, decision.warning}) {
    if (!text.empty()) out += fmt::format("  {}\n", wrap_text(text, {.start = 2, .indent = 2}));
  }
  if (decision.features.empty()) return out;
  out += fmt::format("\n{} of io_uring\n", emphasize("FEATURES", Emphasis::strong, style));
  for (const BackendFeature& feature : decision.features) {
    out += print({to_string(feature.state), emphasis_of(feature.state), feature.name,
                  feature.detail, feature.remedy, false},
                 style);
  }
  return out;
}

std::string print_backend(const DoctorReport& report, TextStyle style) {
  const std::string title = emphasize("BACKEND", Emphasis::strong, style);
  if (!report.backend) {
    return fmt::format("{}  {}\n{}", title, emphasize("none", Emphasis::bad, style),
                       print_decision(report.backend.error(), style));
  }
  return fmt::format("{}  {}\n{}", title, to_string(report.backend->backend),
                     print_decision(*report.backend, style));
}

std::string print_summary(const DoctorReport& report) {
  const auto hurting =
      std::count_if(report.limits.begin(), report.limits.end(),
                    [](const LimitFinding& limit) { return limit.verdict == Verdict::will_hurt; });
  if (hurting == 0) return "No limit found that will hurt.\n";
  return fmt::format("{} of {} limits will hurt; the lines with $ mend them.\n", hurting,
                     report.limits.size());
}

}  // namespace

std::string report_text(const DoctorReport& report, TextStyle style) {
  return fmt::format("{}\n{}\n\n{}\n{}\n{}", report.version_line, describe(report.machine),
                     print_backend(report, style), limits_text("LIMITS", report.limits, style),
                     print_summary(report));
}

}  // namespace weir::tools::doctor
