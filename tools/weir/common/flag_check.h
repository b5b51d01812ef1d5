// Applying a parser to a flag that may be absent, with the flag's name in front of what is wrong.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "tools/weir/common/usage_error.h"

namespace weir::tools {

/// Leaves `value` alone if the flag is absent, sets it if the text is right, else says what is
/// wrong with which flag. Returns whether to go on: `if (!check_flag(...)) return ...`.
template <class T, class Parser>
[[nodiscard]] bool check_flag(std::string_view name, const std::optional<std::string>& text,
                              Parser parse, T& value, UsageError& error) {
  if (!text) return true;
  auto parsed = parse(*text);
  if (!parsed) {
    error.message = fmt::format("{}: {}", name, parsed.error().message);
    return false;
  }
  value = static_cast<T>(*std::move(parsed));
  return true;
}

}  // namespace weir::tools
