#include "tools/weir/doctor/entry_text.h"

#include <algorithm>

#include <fmt/format.h>

#include "tools/weir/common/wrap_text.h"

namespace weir::tools::doctor {
namespace {

constexpr std::size_t mark_columns = 13;
constexpr std::size_t indent = 2 + mark_columns;

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

}  // namespace

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

std::string limits_text(std::string_view title, const std::vector<LimitFinding>& limits,
                        TextStyle style) {
  std::string out = fmt::format("{}\n", emphasize(title, Emphasis::strong, style));
  for (const Verdict verdict : {Verdict::will_hurt, Verdict::cannot_tell, Verdict::ok}) {
    for (const LimitFinding& limit : limits) {
      if (limit.verdict != verdict) continue;
      out +=
          print({to_text(verdict), emphasis_of(verdict),
                 fmt::format("{} = {}", limit.name, limit.value), limit.reason, limit.remedy, true},
                style);
    }
  }
  return out;
}

}  // namespace weir::tools::doctor
