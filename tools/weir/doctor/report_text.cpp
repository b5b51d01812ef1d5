#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "tools/weir/common/wrap_text.h"
#include "tools/weir/doctor/report.h"

namespace weir::tools::doctor {
namespace {

constexpr std::size_t mark_columns = 13;
constexpr std::size_t indent = 2 + mark_columns;

/// What every entry looks like: a coloured mark, a title, an explanation, a command.
struct Entry {
  std::string_view mark;
  Emphasis emphasis;
  std::string title;
  std::string_view explanation;
  std::string_view remedy;
  bool remedy_is_command;
};

std::string print(const Entry& entry, TextStyle style) {
  const std::string padding(mark_columns - std::min(mark_columns, entry.mark.size()), ' ');
  const std::string margin(indent, ' ');
  std::string out =
      fmt::format("  {}{}{}\n", emphasize(entry.mark, entry.emphasis, style), padding, entry.title);
  if (!entry.explanation.empty()) {
    const auto text = wrap_text(entry.explanation, {.start = indent, .indent = indent});
    out += fmt::format("{}{}\n", margin, text);
  }
  if (entry.remedy.empty()) return out;
  if (entry.remedy_is_command) {  // never wrapped: it is made to be copied
    out += fmt::format("{}{}\n", margin,
                       emphasize(fmt::format("$ {}", entry.remedy), Emphasis::strong, style));
  } else {
    const std::string remedy = fmt::format("to have it: {}", entry.remedy);
    out +=
        fmt::format("{}{}\n", margin, wrap_text(remedy, {.start = indent, .indent = indent + 2}));
  }
  return out;
}

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

Emphasis emphasis_of(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::ok:
      return Emphasis::good;
    case Verdict::will_hurt:
      return Emphasis::bad;
    case Verdict::cannot_tell:
      return Emphasis::doubtful;
  }
  return Emphasis::faint;
}

std::string print_backend(const DoctorReport& report, TextStyle style) {
  std::string out = emphasize("BACKEND", Emphasis::strong, style);
  if (!report.backend) {
    return out + '\n' +
           print(
               {"none", Emphasis::bad, "no backend can be used", report.backend.error(), "", false},
               style);
  }
  const BackendReport& backend = *report.backend;
  out += fmt::format("  {}\n", to_string(backend.backend));
  if (!backend.reason.empty()) {
    out += fmt::format("  {}\n", wrap_text(backend.reason, {.start = 2, .indent = 2}));
  }
  if (!backend.remedy.empty()) {
    out += fmt::format("  {}\n", wrap_text(backend.remedy, {.start = 2, .indent = 2}));
  }
  if (backend.features.empty()) return out;

  out += fmt::format("\n{} of io_uring\n", emphasize("FEATURES", Emphasis::strong, style));
  for (const BackendFeature& feature : backend.features) {
    out += print({to_string(feature.state), emphasis_of(feature.state), feature.name,
                  feature.detail, feature.remedy, false},
                 style);
  }
  return out;
}

std::string print_limits(const DoctorReport& report, TextStyle style) {
  std::string out = fmt::format("{}\n", emphasize("LIMITS", Emphasis::strong, style));
  for (const Verdict verdict : {Verdict::will_hurt, Verdict::cannot_tell, Verdict::ok}) {
    for (const LimitFinding& limit : report.limits) {
      if (limit.verdict != verdict) continue;
      out +=
          print({to_text(verdict), emphasis_of(verdict),
                 fmt::format("{} = {}", limit.name, limit.value), limit.reason, limit.remedy, true},
                style);
    }
  }
  return out;
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
                     print_backend(report, style), print_limits(report, style),
                     print_summary(report));
}

}  // namespace weir::tools::doctor
