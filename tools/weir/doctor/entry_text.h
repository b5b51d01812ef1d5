// Entries of a doctor's report: what was found, what it means, and the command that mends it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/common/text_style.h"
#include "tools/weir/doctor/limits.h"

namespace weir::tools::doctor {

/// What every entry looks like: a coloured mark, a title, an explanation, a command.
struct Entry {
  std::string_view mark;
  Emphasis emphasis;
  std::string title;
  std::string_view explanation;
  std::string_view remedy;
  bool remedy_is_command;
};

[[nodiscard]] std::string print(const Entry& entry, TextStyle style);

/// All findings below a title: what hurts first.
[[nodiscard]] std::string limits_text(std::string_view title,
                                      const std::vector<LimitFinding>& limits, TextStyle style);

}  // namespace weir::tools::doctor
