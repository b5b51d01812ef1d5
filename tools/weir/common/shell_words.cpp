#include "tools/weir/common/shell_words.h"

#include <algorithm>

namespace weir::tools {
namespace {

constexpr std::string_view letters_without_quotes =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./,:=+@";

}  // namespace

std::string shell_word(std::string_view text) {
  const bool is_plain =
      std::ranges::all_of(text, [](char it) { return letters_without_quotes.contains(it); });
  if (is_plain && !text.empty()) return std::string(text);
  std::string word = "'";
  for (const char it : text) word += it == '\'' ? std::string("'\\''") : std::string(1, it);
  return word + "'";
}

std::string shell_command(std::span<const std::string> words) {
  std::string command;
  for (const std::string& word : words) {
    if (!command.empty()) command += ' ';
    command += shell_word(word);
  }
  return command;
}

}  // namespace weir::tools
