// The words of a line, one after the other, as the kernel's tables separate them.
#pragma once

#include <algorithm>
#include <string_view>

namespace weir::tools::load {

/// Removes the next word from `text`, with what separates it; empty at the end.
[[nodiscard]] constexpr std::string_view take_word(std::string_view& text) noexcept {
  constexpr std::string_view separators = " \t\r\n";
  text.remove_prefix(std::min(text.size(), text.find_first_not_of(separators)));
  const std::string_view word = text.substr(0, text.find_first_of(separators));
  text.remove_prefix(word.size());
  return word;
}

/// Removes the next line from `text`, with its end.
[[nodiscard]] constexpr std::string_view take_line(std::string_view& text) noexcept {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

}  // namespace weir::tools::load
